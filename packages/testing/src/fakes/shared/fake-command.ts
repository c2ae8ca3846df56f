// Runs on Node: a venue in a process of its own, which lives on when a swarm is killed.
import { parseArgs } from 'node:util'
import { createSeededRandom, createSystemClock } from '@tradeswarm/core'
import type { FakeMarket } from './fake-market.js'
import { wordsOfFault } from './listen-on.js'

/** Where a command speaks. */
export type CommandOutput = { out(line: string): void; fail(line: string): void }

/** A symbol whose price walks at random, in whole ticks. */
export type Walker = { readonly symbol: string; price: number }

/** What the command line says, read. */
export type FakeCommandValues = {
  readonly port: number
  readonly key: string | undefined
  readonly secret: string | undefined
  readonly cash: string
  readonly walkers: readonly Walker[]
  /** What else the venue's own command knows. */
  readonly more: Readonly<Record<string, string | undefined>>
}

/** A venue that was started: where its prices come from, and what the command says of it. */
export type StartedFake = {
  readonly market: FakeMarket
  readonly about: Readonly<Record<string, string>>
  close(): Promise<void>
}

export type FakeCommand = {
  readonly name: string
  readonly help: string
  readonly symbols: string
  readonly example: string
  /** Names of further options, each with a text. */
  readonly more?: readonly string[]
  readonly start: (values: FakeCommandValues) => Promise<StartedFake>
  /** How many decimals prices have, and how far the sides of a quote are from its middle. */
  readonly gridOf: (symbol: string) => { readonly decimals: number; readonly halfSpread: number }
}

const none = async (): Promise<void> => undefined

/** Starts the venue that the arguments describe, and its market; answers how to stop it. */
export async function runFakeCommand(
  command: FakeCommand,
  args: readonly string[],
  output: CommandOutput,
): Promise<() => Promise<void>> {
  try {
    const parsed = parseArgs({ args: [...args], options: optionsOf(command) })
    const values: Readonly<Record<string, string | boolean | undefined>> = parsed.values
    if (values['help'] === true) {
      output.out(command.help)
      return none
    }
    const text = (name: string): string | undefined => values[name] as string | undefined
    const walkers = readSymbols(text('symbols') ?? '', command.example)
    const every = whole('every', text('every') ?? '')
    const seed = whole('seed', text('seed') ?? '')
    const fake = await command.start({
      port: whole('port', text('port') ?? ''),
      key: text('key'),
      secret: text('secret'),
      cash: text('cash') ?? '',
      walkers,
      more: Object.fromEntries((command.more ?? []).map((name) => [name, text(name)])),
    })
    output.out(JSON.stringify(fake.about))
    const stopWalk = every === 0 ? () => undefined : walk(fake.market, walkers, every, seed, command.gridOf)
    return async () => {
      stopWalk()
      await fake.close()
    }
  } catch (thrown) {
    output.fail(`${command.name}: ${wordsOfFault(thrown)}`)
    return none
  }
}

function optionsOf({ symbols, more = [] }: FakeCommand) {
  return {
    port: { type: 'string', default: '0' },
    key: { type: 'string' },
    secret: { type: 'string' },
    cash: { type: 'string', default: '100000' },
    symbols: { type: 'string', default: symbols },
    every: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
    ...Object.fromEntries(more.map((name) => [name, { type: 'string' } as const])),
  } as const
}

function readSymbols(text: string, example: string): readonly Walker[] {
  return text.split(',').map((part) => {
    const [symbol = '', price = ''] = part.split(':')
    if (symbol === '' || !(Number(price) > 0))
      throw new Error(`--symbols: "${part}" is not SYMBOL:PRICE, such as ${example}`)
    return { symbol, price: Number(price) }
  })
}

function whole(option: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new Error(`--${option}: "${text}" is not a whole number from 0`)
}

/** Narrow quotes, and a trade at one of their sides, whose middle moves by up to a thousandth each time. */
function walk(
  market: FakeMarket,
  walkers: readonly Walker[],
  every: number,
  seed: number,
  gridOf: FakeCommand['gridOf'],
): () => void {
  const clock = createSystemClock()
  const random = createSeededRandom(seed)
  let cancel = (): void => undefined
  const step = async (): Promise<void> => {
    for (const walker of walkers) {
      walker.price *= 1 + (random.next() - 0.5) / 500
      const { decimals, halfSpread } = gridOf(walker.symbol)
      const [bid, ask] = [walker.price - halfSpread, walker.price + halfSpread].map((price) =>
        price.toFixed(decimals),
      ) as [string, string]
      await market.quote(walker.symbol, bid, ask)
      await market.trade(walker.symbol, random.next() < 0.5 ? bid : ask)
    }
    cancel = clock.at(clock.now() + every, step)
  }
  cancel = clock.at(clock.now(), step)
  return () => cancel()
}
