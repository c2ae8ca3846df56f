// A subscriber is sent a hundred times what it can handle, in a process whose heap is so small that a queue without bounds would end it.
// Memory stays bounded under each policy; what was accepted of a topic that may not drop is handled, all of it and in order; quotes
// conflate to the latest, and every publisher is told what was not accepted.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildProgram, runProgram } from './child-program.test-support.js'

/** What must wait where nothing bounds it does not fit: 60,000 messages of a kilobyte. */
const heap = '--max-old-space-size=40'
const capacity = 500

let folder: string
let program: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradeswarm-overload-'))
  program = await buildProgram(new URL('./overload-program.test-support.ts', import.meta.url), folder)
})
afterAll(() => rm(folder, { recursive: true }))

type Outcome = {
  readonly published: number
  readonly accepted: number
  readonly rejected: number
  readonly handled: number
  readonly handledUnderLoad: number
  readonly dropped: number
  readonly deadLetters: number
  readonly mostWaiting: number
  readonly disorder: number
  readonly hasLatest: boolean
}

async function overload(delivery: 'ephemeral' | 'durable', overflow: string, turns: number): Promise<Outcome> {
  const { lines, code, signal } = await runProgram(program, [folder, delivery, overflow, String(turns)], [heap])
  expect({ code, signal }, 'it did not run out of memory').toEqual({ code: 0, signal: null })
  const outcome = JSON.parse(lines.at(-1) ?? '') as Outcome
  expect(outcome).toMatchObject({ published: turns * 1_000, disorder: 0, deadLetters: 0, hasLatest: true })
  expect(outcome.accepted + outcome.rejected).toBe(outcome.published)
  expect(outcome.mostWaiting).toBeLessThanOrEqual(capacity)
  return outcome
}

const isHundredfold = ({ published, handledUnderLoad }: Outcome): void =>
  expect(published).toBeGreaterThanOrEqual(100 * handledUnderLoad)

test('I37 quotes conflate: the latest of each symbol is handled, and what it replaced is counted', async () => {
  const outcome = await overload('ephemeral', 'conflate', 100)
  isHundredfold(outcome)
  expect(outcome).toMatchObject({ rejected: 0, dropped: outcome.published - outcome.handled })
})

test('I37 the oldest are dropped and counted, the latest are handled', async () => {
  const outcome = await overload('ephemeral', 'drop-oldest', 100)
  isHundredfold(outcome)
  expect(outcome).toMatchObject({ rejected: 0, dropped: outcome.published - outcome.handled })
})

test.each(['ephemeral', 'durable'] as const)(
  'I37 what is refused is told to its publisher, and all else is handled (%s)',
  async (delivery) => {
    const outcome = await overload(delivery, 'reject', 60)
    isHundredfold(outcome)
    expect(outcome).toMatchObject({ dropped: 0, handled: outcome.accepted })
    expect(outcome.rejected).toBeGreaterThan(outcome.published / 2)
  },
)

test.each(['ephemeral', 'durable'] as const)(
  'I37 a thousand publishers wait for room, and every message is handled (%s)',
  async (delivery) => {
    const outcome = await overload(delivery, 'block', 6)
    expect(outcome).toMatchObject({ rejected: 0, dropped: 0, handled: outcome.published })
  },
)
