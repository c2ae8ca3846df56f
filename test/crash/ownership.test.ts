// A file has one owner: while a swarm of another process is at work on it, a second swarm is refused with a message that says what to do,
// and changes nothing. Readers read on, the command line too, while the owner writes and archives. Once the owner is gone, killed even,
// the next swarm takes over.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommandLine } from '@tradeswarm/cli'
import { createSwarm, createSystemClock, type Storage, verifyJournal } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keys, Oracle, Sink, Worker } from './chain-agents.test-support.js'
import { buildProgram, type Child, startProgram } from './child-program.test-support.js'

let folder: string
let program: string
let file: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tradeswarm-ownership-'))
  file = join(folder, 'swarm.db')
  program = await buildProgram(new URL('./chain-program.test-support.ts', import.meta.url), folder)
})
afterAll(() => rm(folder, { recursive: true }))

function secondSwarm() {
  return createSwarm({
    agents: [{ agent: Sink, config: { total: 1 } }, { agent: Worker, replicas: 3 }, Oracle],
    storage: createSqliteStorage(file),
  })
}

async function tradeswarm(...words: readonly string[]) {
  const out: string[] = []
  const code = await runCommandLine(words, {
    clock: createSystemClock(),
    isInteractive: false,
    workingDirectory: folder,
    print: (line) => void out.push(line),
    complain: (line) => void out.push(line),
    draw: () => undefined,
    onInterrupt: () => () => undefined,
  })
  return { code, text: out.join('\n') }
}

test('a second swarm is refused while the first lives, readers are not, and after a kill it takes over', async () => {
  const child = startProgram(program, [file, 'normal', keys.map(() => '1').join(','), '1000000', 'archive'])
  const heard = listen(child)
  try {
    await heard.next('archived')
    await refusedTwice()
    await readBeside(heard)
  } finally {
    child.process.kill('SIGKILL')
  }
  await child.ended
  const before = await entriesOf()
  const next = secondSwarm()
  await next.start()
  await next.stop()
  expect(await entriesOf()).toBeGreaterThanOrEqual(before)
})

/** Reads on all the while, for a child whose pipe is full cannot go on. */
function listen({ lines }: Child): { next(word: string): Promise<void> } {
  const waiters: { readonly word: string; readonly resolve: () => void }[] = []
  void (async () => {
    for await (const line of lines)
      for (const waiter of waiters.splice(0)) {
        if (line.startsWith(waiter.word)) waiter.resolve()
        else waiters.push(waiter)
      }
  })()
  return { next: (word) => new Promise((resolve) => waiters.push({ word, resolve })) }
}

async function refusedTwice(): Promise<void> {
  for (let times = 0; times < 2; times += 1) {
    const second = secondSwarm()
    await expect(second.start()).rejects.toMatchObject({
      code: 'STORAGE_LOCKED',
      message: `${file} is open for writing already, here or in another process; close it there, or open it with readOnly`,
    })
    expect(second.status().state).toBe('created')
    await second.stop()
  }
}

/** The journal as a reader finds it: whole, however much is written and archived meanwhile. Returns how many entries it has. */
async function verifiedEntries(reader: Storage): Promise<number> {
  const verdict = await verifyJournal(reader.journal)
  if (!verdict.ok) throw new Error(verdict.reason)
  return verdict.entries
}

async function readBeside(heard: { next(word: string): Promise<void> }): Promise<void> {
  const reader = await createSqliteStorage(file, { readOnly: true }).open({ clock: createSystemClock() })
  // The owner writes and archives on: this ends when it has done so five times.
  for (let times = 0, entries = 0, first = 0; times < 5; ) {
    await heard.next('archived')
    const [entriesNow, firstNow] = [await verifiedEntries(reader), await reader.journal.first()]
    expect(entriesNow).toBeGreaterThanOrEqual(entries)
    if (entriesNow > entries && firstNow > first) times += 1
    entries = entriesNow
    first = firstNow
  }
  await reader.close()
  const verified = await tradeswarm('verify', file)
  expect(verified.text).toMatch(/^Hash chain: \d+ entries hold/)
  expect(verified.code).toBe(0)
  expect(await tradeswarm('orders', file)).toEqual({ code: 0, text: 'no orders in this run' })
  expect(await tradeswarm('explain', 'o-1', '--run', file)).toMatchObject({
    code: 2,
    text: expect.stringContaining('there is no order "o-1" in this run'),
  })
}

async function entriesOf(): Promise<number> {
  const reader = await createSqliteStorage(file, { readOnly: true }).open({ clock: createSystemClock() })
  try {
    return await verifiedEntries(reader)
  } finally {
    await reader.close()
  }
}
