import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { messageOf, nearestName } from '@tradeswarm/core'
import { usageError } from './usage-error.js'

/** A command line, cut into options and the rest. */
export type ParsedOptions = {
  readonly values: Readonly<Record<string, string | boolean | undefined>>
  readonly positionals: readonly string[]
}

/** Parses words by the options of a command. Throws wrong usage that names the option and the command's help. */
export function parseOptions(
  command: string,
  words: readonly string[],
  options: ParseArgsOptionsConfig,
  positionals: {
    readonly minimum: number
    readonly maximum: number
    readonly names: string
    /** Options that the command has in another form of it, which somebody may have meant. */
    readonly otherOptions?: readonly string[]
  },
): ParsedOptions {
  let twice: string | undefined
  let parsed: { values: Record<string, unknown>; positionals: string[] }
  try {
    const { tokens, ...found } = parseArgs({
      args: [...words],
      options,
      allowPositionals: true,
      strict: true,
      tokens: true,
    })
    parsed = found
    twice = firstTwice(tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : [])))
  } catch (error) {
    const ambiguous = /^Option '(--[a-z-]+)'?.* argument is ambiguous/.exec(messageOf(error))
    if (ambiguous)
      throw usageError(
        `${ambiguous[1]} needs a value that does not begin with a dash; see tradeswarm ${command} --help`,
      )
    throw usageError(
      `${wrongOption(messageOf(error), [...Object.keys(options), ...(positionals.otherOptions ?? [])])}; see tradeswarm ${command} --help`,
    )
  }
  if (twice !== undefined) throw usageError(`--${twice} is given twice: which one is meant?`)
  const count = parsed.positionals.length
  if (count < positionals.minimum)
    throw usageError(`${command} needs ${positionals.names}; see tradeswarm ${command} --help`)
  if (count > positionals.maximum)
    throw usageError(
      `${command}: "${parsed.positionals[positionals.maximum]}" is one word too many; see tradeswarm ${command} --help`,
    )
  return { values: parsed.values as ParsedOptions['values'], positionals: parsed.positionals }
}

/** What the parser says, in our words where it is known. */
function wrongOption(said: string, names: readonly string[]): string {
  const [, unknown] = /^Unknown option '(-[^']*)'/.exec(said) ?? []
  const [, valueless] = /^Option '(--[a-z-]+) <value>' argument missing/.exec(said) ?? []
  const [, flag] = /^Option '(--[a-z-]+)' does not take an argument/.exec(said) ?? []
  if (valueless !== undefined) return `${valueless} needs a value`
  if (flag !== undefined) return `${flag} takes no value`
  if (unknown === undefined) return said.split('. To specify')[0] ?? said
  const nearest = nearestName(unknown.replace(/^-+/, ''), names)
  return `there is no option ${unknown}${nearest === undefined ? '' : `; did you mean --${nearest}?`}`
}

function firstTwice(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) < index)
}

/** A text option, or undefined. An empty text is refused. */
export function textOption(values: ParsedOptions['values'], name: string): string | undefined {
  const value = values[name]
  if (value === '') throw usageError(`--${name} is empty: give it a value`)
  return typeof value === 'string' ? value : undefined
}

/** A date option `YYYY-MM-DD`, or undefined. */
export function dateOption(values: ParsedOptions['values'], name: string): string | undefined {
  const value = textOption(values, name)
  if (value === undefined) return undefined
  const time = Date.parse(`${value}T00:00:00Z`)
  if (/^\d{4}-\d{2}-\d{2}$/.test(value) && Number.isFinite(time) && new Date(time).toISOString().startsWith(value))
    return value
  throw usageError(`--${name} ${value}: write a day as YYYY-MM-DD, such as 2014-12-31`)
}

/** A whole number from 0 up, or undefined. */
export function wholeNumberOption(values: ParsedOptions['values'], name: string): number | undefined {
  const value = textOption(values, name)
  if (value === undefined) return undefined
  if (/^\d{1,15}$/.test(value)) return Number(value)
  throw usageError(`--${name} ${value}: write a whole number from 0 up`)
}

/** A positive decimal amount, or undefined. */
export function amountOption(values: ParsedOptions['values'], name: string): string | undefined {
  const value = textOption(values, name)
  if (value === undefined) return undefined
  if (/^\d{1,15}(\.\d{1,8})?$/.test(value) && Number(value) > 0) return value
  throw usageError(`--${name} ${value}: write an amount above 0, such as 100000 or 2500.50`)
}
