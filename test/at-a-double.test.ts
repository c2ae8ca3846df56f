import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundledTape, messageIn } from '@tradeswarm/backtest'
import { createSeededRandom, createSystemClock } from '@tradeswarm/core'
import { createSqliteStorage } from '@tradeswarm/storage-sqlite'
import { afterAll, describe, expect, test } from 'vitest'
import { node, root } from '../scripts/workspace.mjs'

const main = join(root, 'packages', 'cli', 'dist', 'main.js')
const clock = createSystemClock()
const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.at(clock.now() + ms, resolve))

type Venue = {
  readonly pid: number
  readonly url: string
  readonly beginsAt: number
  readonly keys: Readonly<Record<string, string>>
}
/** An order as the double tells it, in words that all of them share. */
type VenueOrder = { readonly id: string; readonly side: string; readonly filled: string; readonly isLeg?: boolean }
type Ended = { readonly code: number | null; readonly out: string; readonly errors: string }

type Started = { readonly child: ChildProcess; readonly begun: Promise<void>; readonly ended: Promise<Ended> }

const children = new Set<ChildProcess>()
const runs: Run[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  for (const run of runs) run.remove()
})

/** Runs at the double of a broker, in a folder of their own. */
class Run {
  readonly folder = mkdtempSync(join(tmpdir(), 'tradeswarm-double-'))
  readonly words: readonly string[]
  readonly #orderOf: (order: Readonly<Record<string, string>>) => VenueOrder

  constructor(broker: string, orderOf: (order: Readonly<Record<string, string>>) => VenueOrder) {
    this.words = ['run', '--broker', broker, '--fake', '--out', 'run']
    this.#orderOf = orderOf
    runs.push(this)
  }

  /** `begun` resolves when it has said that it begins: an interrupt that comes before is none that it hears. */
  start(...more: readonly string[]): Started {
    const child = spawn(node, [main, ...this.words, ...more], { cwd: this.folder })
    children.add(child)
    let [out, errors] = ['', '']
    child.stdout.on('data', (text) => (out += text))
    const begun = new Promise<void>((resolve) => {
      child.stderr.on('data', (text) => {
        errors += text
        if (errors.includes("'s double at")) resolve()
      })
      child.once('close', () => resolve())
    })
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, errors }))
    return { child, begun, ended }
  }

  venue(): Venue {
    return JSON.parse(readFileSync(join(this.folder, 'run', 'venue.json'), 'utf8')) as Venue
  }

  journal(list: 'orders' | 'fills'): readonly Readonly<Record<string, string>>[] {
    return JSON.parse(this.tradeswarm(list, 'run', '--json').stdout) as readonly Readonly<Record<string, string>>[]
  }

  tradeswarm(...given: readonly string[]) {
    return spawnSync(node, [main, ...given], { cwd: this.folder, encoding: 'utf8' })
  }

  /** The dates of the bars that its agents were told, in their order. */
  async barsTold(): Promise<readonly string[]> {
    const database = join(this.folder, 'run', 'run.db')
    const storage = await createSqliteStorage(database, { readOnly: true, mustExist: true }).open({ clock })
    const dates: string[] = []
    for await (const entry of storage.journal.read({ kinds: ['message'] })) {
      const message = messageIn(entry)
      if (message?.topic === 'market.bar') dates.push((message.payload as { readonly sessionDate: string }).sessionDate)
    }
    await storage.close()
    return dates
  }

  async ordersThere(): Promise<readonly VenueOrder[]> {
    const { url, keys } = this.venue()
    const headers = {
      'APCA-API-KEY-ID': keys['APCA_API_KEY_ID'] ?? '',
      'APCA-API-SECRET-KEY': keys['APCA_API_SECRET_KEY'] ?? '',
    }
    const asked = (): Promise<Response> => fetch(`${url}/fake/orders`, { headers })
    // A connection that rested may be closed from the other side just as it is used again.
    const answer = await asked().catch(asked)
    const orders = (await answer.json()) as readonly Readonly<Record<string, string>>[]
    return orders.map(this.#orderOf)
  }

  remove(): void {
    this.tradeswarm(...this.words, '--stop-venue')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Resolves when the venue holds more orders than before, or the tape leaves just enough time for one more life. */
async function ordered(run: Run, before: number): Promise<void> {
  for (;;) {
    await wait(100)
    if (!existsSync(join(run.folder, 'run', 'venue.json'))) continue
    const { length } = await run.ordersThere()
    if (length > before || clock.now() > endOf(run.venue()) - lastLifeMs) return
  }
}

const [firstSession, lastSession] = ['2014-01-02', '2014-09-30']
const sessions = 188
/** As fast as this machine goes now: its three lives and the last must fit into the tape. */
const sessionMs = pace()
/** To start on a busy machine, wait until the hold of the dead one has lapsed, and trade a little. */
const lastLifeMs = 12_000
const endOf = ({ beginsAt }: Venue): number => beginsAt + sessions * sessionMs

/** A session takes as long as half a start of the command line, which is 200 ms on an idle machine and several times that on a busy one. */
function pace(): number {
  const began = clock.now()
  spawnSync(node, [main, '--version'])
  return Math.min(700, Math.max(200, Math.round((clock.now() - began) / 2)))
}

/** Kills a swarm three times, each time a moment after it has ordered something, lets it go on until just before the end of the tape, and compares what it has done with what the venue holds. */
async function survive(run: Run, broker: string, seed: number): Promise<void> {
  const random = createSeededRandom(seed)
  let there = 0
  const deaths: number[] = []
  for (let life = 0; life < 3; life += 1) {
    const { child, ended } = run.start('--pace', String(sessionMs), '--from', firstSession, '--to', lastSession)
    await ordered(run, there)
    if (life === 0) refuseBeside(run)
    await wait(random.next() * 1_500)
    child.kill('SIGKILL')
    expect(await ended).toMatchObject({ code: null })
    deaths.push(clock.now())
    there = (await run.ordersThere()).length
  }
  const last = run.start()
  await last.begun
  // Soon enough for a busy machine to interrupt it before it has ended by itself.
  await wait(Math.max(0, endOf(run.venue()) - 2_000 - clock.now()))
  last.child.kill('SIGINT')
  const stopped = await last.ended
  expect(stopped).toMatchObject({ code: 130 })
  expect(stopped.out).toMatch(
    new RegExp(`books {4}agree with ${broker}: \\d balances?, \\d open orders?, \\d+ executions`),
  )

  await assertPastIsTold(run, deaths)
  const orders = await run.ordersThere()
  const sent = run.journal('orders').filter(({ status }) => status !== 'denied' && !status?.startsWith('denied ('))
  expect(orders.length).toBeGreaterThan(1)
  expect(new Set(orders.map(({ id }) => id)).size).toBe(orders.length)
  // Each is one of ours, or the stop of a pair, which goes with its target; none of ours is there twice under different ids.
  expect(orders.filter(({ isLeg }) => isLeg !== true).length).toBeLessThanOrEqual(sent.length)
  const filled = orders.filter((order) => Number(order.filled) > 0)
  expect(filled.map((order) => `${order.side} ${order.filled}`)).toEqual(
    run.journal('fills').map(({ side, quantity }) => `${side} ${quantity}`),
  )
}

/** For so long at least a dead swarm holds the account, and nobody else trades there. */
const holdMs = 3_000

/** Agents are told the year before the tape, and the sessions that went by while the swarm was dead, each once. */
async function assertPastIsTold(run: Run, deaths: readonly number[]): Promise<void> {
  const { bars } = await bundledTape({ from: firstSession, to: lastSession })
  const dates = bars.map(({ date }) => date).filter((date) => date >= firstSession)
  const { beginsAt } = run.venue()
  const missed = dates.filter((_, index) => {
    const close = beginsAt + (index + 1) * sessionMs
    return deaths.some((death) => close > death && close < death + holdMs)
  })
  const told = await run.barsTold()
  expect(told.filter((date) => date < firstSession).length).toBeGreaterThan(200)
  expect(told).toEqual([...new Set(told)].sort())
  expect(missed.filter((date) => !told.includes(date))).toEqual([])
}

/** Nobody takes books and venue from a swarm that trades, and a second one does not say that it begins. */
function refuseBeside(run: Run): void {
  for (const more of [[], ['--overwrite']])
    expect(run.tradeswarm(...run.words, ...more)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^tradeswarm: .*run\.db: a run is at work on it.*name another --out \[STORAGE_LOCKED\]/,
      ),
    })
}

const alpacaOrder = (order: Readonly<Record<string, string>>): VenueOrder => ({
  id: order['client_order_id'] ?? '',
  side: order['side'] ?? '',
  filled: order['filled_qty'] ?? '0',
  isLeg: order['order_class'] === 'oco' && order['type'] !== 'limit',
})
const okxOrder = (order: Readonly<Record<string, string>>): VenueOrder => ({
  // An algo order becomes an order of its own when it is set off.
  id: order['accFillSz'] === undefined ? `algo ${order['algoId']}` : (order['clOrdId'] ?? ''),
  side: order['side'] ?? '',
  filled: order['accFillSz'] ?? '0',
  isLeg: order['accFillSz'] === undefined,
})

async function ask<T>({ url, keys }: Venue, path: string, method = 'GET', body?: object): Promise<T | undefined> {
  const headers = {
    'APCA-API-KEY-ID': keys['APCA_API_KEY_ID'] ?? '',
    'APCA-API-SECRET-KEY': keys['APCA_API_SECRET_KEY'] ?? '',
  }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const text = await (await fetch(`${url}${path}`, { headers, method, ...sent })).text()
  return text === '' ? undefined : (JSON.parse(text) as T)
}

// Side by side: most of it is waiting.
describe.concurrent('a swarm that is killed again and again at a venue that lives on', () => {
  test('has the books of Alpaca, sends nothing twice, and tells of an order that is not its own', async () => {
    const run = new Run('alpaca', alpacaOrder)
    await survive(run, 'alpaca', 20_260)
    await tellOfAStranger(run)
    await lookOnceMore(run, 'alpaca')
  }, 240_000)

  test('has the books of OKX, and sends nothing twice', async () => {
    const run = new Run('okx', okxOrder)
    await survive(run, 'okx', 20_261)
    await lookOnceMore(run, 'okx')
  }, 240_000)

  test('is told when the venue dies before it, at once, and what to do', async () => {
    const run = new Run('alpaca', alpacaOrder)
    const { ended, begun } = run.start('--pace', '86400000')
    await begun
    process.kill(run.venue().pid, 'SIGKILL')
    expect(await ended).toMatchObject({
      code: 1,
      errors: expect.stringMatching(
        /the double of alpaca at http\S+ has ended while the swarm traded there.*--overwrite.*\[VENUE_GONE\]/,
      ),
    })
  }, 60_000)
})

/** Somebody else's order is no part of the books, and said to be so. */
async function tellOfAStranger(run: Run): Promise<void> {
  const venue = run.venue()
  // It trails, or the venue would see it trade with a stop that rests.
  const order = {
    symbol: 'SPX',
    qty: '1',
    side: 'buy',
    type: 'trailing_stop',
    trail_percent: '50',
    time_in_force: 'gtc',
  }
  expect(await ask(venue, '/v2/orders', 'POST', { ...order, client_order_id: 'strange' })).toMatchObject({
    client_order_id: 'strange',
  })
  const differs = await run.start().ended
  expect(differs).toMatchObject({
    code: 1,
    out: expect.stringMatching(
      /books {4}differ from alpaca in 1 place:\n {2}order strange is open at the venue, and the/,
    ),
  })
  const strange = await ask<{ readonly id: string }>(venue, '/v2/orders:by_client_order_id?client_order_id=strange')
  await ask(venue, `/v2/orders/${strange?.id}`, 'DELETE')
}

/** The tape is over: the next life only looks whether all is as it was left, and asks the venue to end. */
async function lookOnceMore(run: Run, broker: string): Promise<void> {
  const { url } = run.venue()
  const again = await run.start('--json').ended
  expect(again.code).toBe(0)
  const told = JSON.parse(again.out) as { readonly status: string; readonly books: Readonly<Record<string, unknown>> }
  expect(told).toMatchObject({ status: 'completed', books: { agree: true, differences: [] } })
  const report = readFileSync(join(run.folder, 'run', 'report.html'), 'utf8')
  expect(report).toContain(`Run at ${broker}, on the bundled tape`)
  // Its days are those of the tape, also where a position was opened and closed.
  const years = report.match(/<td data-sort="\d+">\d{4}-/g) ?? []
  expect(new Set(years.map((cell) => cell.slice(-5)))).toEqual(new Set(['2014-']))
  await expect(fetch(`${url}/fake/orders`)).rejects.toThrow()
  expect(run.tradeswarm('verify', 'run')).toMatchObject({ status: 0 })
  expect(run.tradeswarm('replay', 'run')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(new RegExp(`a run at ${broker} cannot be replayed`)),
  })
  expect(run.tradeswarm('run', '--resume', '--out', 'run')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(
      new RegExp(
        `cannot be resumed.*: tradeswarm run --broker ${broker} --fake --out \\S+ goes on with it, as long as`,
      ),
    ),
  })
  expect(run.tradeswarm(...run.words)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/the double of its run has ended, and what it held is gone; --overwrite begins anew/),
  })
}
