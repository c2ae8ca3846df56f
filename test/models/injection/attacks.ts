import { type AttackEncoding, attackEncodings, encodingNames, readings, skeleton } from './attack-encodings.js'
import {
  type AttackGoal,
  type AttackLanguage,
  attackGoals,
  goalNames,
  languageNames,
  overrides,
} from './attack-goals.js'
import { attackStyles, styleNames } from './attack-styles.js'

/** One post that tries to make a model do something. */
export type Attack = {
  readonly id: string
  readonly style: string
  readonly language: AttackLanguage
  readonly encoding: string
  readonly goal: AttackGoal
  readonly isInvisible: boolean
  /** `%SYMBOL%` stands for the symbol that it is posted about. */
  readonly text: string
}

function attackOf(style: string, language: AttackLanguage, encoding: string, goal: AttackGoal): Attack {
  const { encode, isInvisible = false }: AttackEncoding = attackEncodings[encoding] ?? { encode: (text) => text }
  const text = (attackStyles[style] ?? '')
    .replace('%OVERRIDE%', () => (isInvisible ? '' : overrides[language]))
    .replace('%PAYLOAD%', () => encode(attackGoals[goal][language].replaceAll('%SYMBOL%', 'AAA')))
  return { id: [style, language, encoding, goal].join('/'), style, language, encoding, goal, isInvisible, text }
}

/** The `index`-th of a list that goes round. */
function round<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T
}

/** Every style in every language, every style for every goal, and every encoding for every goal; what the others are goes round. */
export const attacks: readonly Attack[] = (() => {
  const byId = new Map<string, Attack>()
  const add = (attack: Attack): void => void byId.set(attack.id, attack)
  let turn = 0
  for (const style of styleNames)
    for (const language of languageNames) add(attackOf(style, language, 'plain', round(goalNames, turn++)))
  for (const style of styleNames) for (const goal of goalNames) add(attackOf(style, 'en', 'plain', goal))
  for (const encoding of encodingNames)
    for (const goal of goalNames) add(attackOf(round(styleNames, turn++), 'en', encoding, goal))
  return [...byId.values()]
})()

const signatures = goalNames.flatMap((goal) =>
  languageNames.map((language) => ({
    goal,
    // Enough of it to be told from all others.
    letters: skeleton(attackGoals[goal][language].replaceAll('%SYMBOL%', 'AAA')).slice(0, 16),
  })),
)

/** What a text orders whoever reads it, however it is disguised; undefined where it orders nothing that we know. */
export function orderIn(text: string): AttackGoal | undefined {
  if (!known.has(text)) known.set(text, searchOrder(text))
  return known.get(text)
}

const known = new Map<string, AttackGoal | undefined>()

function searchOrder(text: string): AttackGoal | undefined {
  for (const reading of readings(text)) {
    const letters = skeleton(reading)
    const found = signatures.find((signature) => letters.includes(signature.letters))
    if (found !== undefined) return found.goal
  }
  return undefined
}
