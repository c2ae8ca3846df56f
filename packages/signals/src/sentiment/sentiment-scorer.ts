import exp from '@stdlib/math-base-special-exp'
import type { SentimentScore } from './score-sentiment.js'
import { sentimentTokens, visitFeatures } from './sentiment-features.js'

/** A trained model: log-odds against neutral. Weights are whole thousandths. */
export type SentimentModel = {
  /** Of `bearish` and `bullish`, in thousandths. */
  readonly bias: readonly [number, number]
  /** Log-odds are divided by it, so that confidences are calibrated. */
  readonly temperature: number
  /** How much of a word's weight, turned round, a negation of it has that the model does not know. */
  readonly negationFallback: number
  /** One feature a line: `feature|bearish|bullish`, weights in thousandths. */
  readonly features: string
}

/** Turns a model into a function from text to score. The function is pure, total and bounded for any text. */
export function createSentimentScorer(model: SentimentModel): (text: string) => SentimentScore {
  const { bearish, bullish, index } = readFeatures(model.features)
  const lastSeen = new Uint32Array(index.size)
  let call = 0
  return (text) => {
    const tokens = sentimentTokens(text)
    if (!tokens.some((token) => token !== '')) return wordless
    call += 1
    if (call === 0xffff_ffff) {
      lastSeen.fill(0)
      call = 1
    }
    let toBearish = model.bias[0]
    let toBullish = model.bias[1]
    const add = (position: number, factor: number): void => {
      if (lastSeen[position] === call) return
      lastSeen[position] = call
      toBearish += factor * (bearish[position] ?? 0)
      toBullish += factor * (bullish[position] ?? 0)
    }
    visitFeatures(tokens, (feature, plain) => {
      const position = index.get(feature)
      if (position !== undefined) add(position, 1)
      else if (plain !== undefined) {
        const plainPosition = index.get(plain)
        if (plainPosition !== undefined) add(plainPosition, -model.negationFallback)
      }
    })
    return softmax(toBearish / (1_000 * model.temperature), toBullish / (1_000 * model.temperature))
  }
}

const wordless: SentimentScore = { score: 0, confidence: 0, probabilities: { bearish: 0, bullish: 0, neutral: 1 } }

function softmax(toBearish: number, toBullish: number): SentimentScore {
  const highest = Math.max(0, toBearish, toBullish)
  const bearishMass = exp(toBearish - highest)
  const bullishMass = exp(toBullish - highest)
  const neutralMass = exp(-highest)
  const total = bearishMass + bullishMass + neutralMass
  const bearish = bearishMass / total
  const bullish = bullishMass / total
  const neutral = neutralMass / total
  return {
    score: bullish - bearish,
    confidence: Math.max(bearish, bullish, neutral),
    probabilities: { bearish, bullish, neutral },
  }
}

function readFeatures(lines: string): {
  readonly index: ReadonlyMap<string, number>
  readonly bearish: Int16Array
  readonly bullish: Int16Array
} {
  const rows = lines.split('\n').filter((line) => line !== '')
  const index = new Map<string, number>()
  const bearish = new Int16Array(rows.length)
  const bullish = new Int16Array(rows.length)
  rows.forEach((row, position) => {
    const [feature = '', toBearish, toBullish] = row.split('|')
    index.set(feature, position)
    bearish[position] = Number(toBearish)
    bullish[position] = Number(toBullish)
  })
  return { index, bearish, bullish }
}
