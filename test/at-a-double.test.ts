import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSeededRandom, createSystemClock } from '@tradeswarm/core'
import { afterAll, expect, test } from 'vitest'
import { node, root } from '../scripts/workspace.mjs'

const folder = mkdtempSync(join(tmpdir(), 'tradeswarm-double-'))
const main = join(root, 'packages', 'cli', 'dist', 'main.js')
const words = ['run', '--broker', 'alpaca', '--fake', '--out', 'run']
const pace = ['--pace', '200', '--from', '2014-01-02', '--to', '2014-07-31']

const children = new Set<ChildProcess>()
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  spawnSync(node, [main, ...words, '--stop-venue'], { cwd: folder })
  rmSync(folder, { recursive: true, force: true })
})

const clock = createSystemClock()
const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.at(clock.now() + ms, resolve))

type Venue = { readonly url: string; readonly beginsAt: number; readonly keys: Readonly<Record<string, string>> }
type VenueOrder = {
  readonly client_order_id: string
  readonly side: 'buy' | 'sell'
  readonly status: string
  readonly filled_qty: string
}
type Ended = { readonly code: number | null; readonly out: string; readonly errors: string }

function start(...more: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(node, [main, ...words, ...more], { cwd: folder })
  children.add(child)
  let [out, errors] = ['', '']
  child.stdout.on('data', (text) => (out += text))
  child.stderr.on('data', (text) => (errors += text))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, errors }))
  return { child, ended }
}

const venueOf = (): Venue => JSON.parse(readFileSync(join(folder, 'run', 'venue.json'), 'utf8')) as Venue

async function ask<T>({ url, keys }: Venue, path: string, method = 'GET', body?: object): Promise<T | undefined> {
  const headers = {
    'APCA-API-KEY-ID': keys['APCA_API_KEY_ID'] ?? '',
    'APCA-API-SECRET-KEY': keys['APCA_API_SECRET_KEY'] ?? '',
  }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const text = await (await fetch(`${url}${path}`, { headers, method, ...sent })).text()
  return text === '' ? undefined : (JSON.parse(text) as T)
}

function journal(list: 'orders' | 'fills'): readonly Readonly<Record<string, string>>[] {
  const { stdout } = spawnSync(node, [main, list, 'run', '--json'], { cwd: folder, encoding: 'utf8' })
  return JSON.parse(stdout) as readonly Readonly<Record<string, string>>[]
}

test('a swarm that is killed again and again at a venue that lives on has the books of the venue, and sends nothing twice', async () => {
  const random = createSeededRandom(20_260)
  for (let life = 0; life < 3; life += 1) {
    const { child, ended } = start(...pace)
    // The first begins with the venue; later ones wait until the hold of the one before on the account has lapsed.
    await wait((life === 0 ? 3_000 : 6_500) + random.next() * 2_500)
    child.kill('SIGKILL')
    expect(await ended).toMatchObject({ code: null })
  }
  const venue = venueOf()
  const sessions = 147
  const last = start()
  await wait(Math.max(0, venue.beginsAt + sessions * 200 - 100 - clock.now()))
  last.child.kill('SIGINT')
  const stopped = await last.ended
  expect(stopped).toMatchObject({ code: 130 })
  expect(stopped.out).toMatch(/books {4}agree with alpaca: \d balances?, \d open orders?, \d+ executions/)

  const orders = (await ask<readonly VenueOrder[]>(venue, '/fake/orders')) ?? []
  const ours = journal('orders')
  const sent = ours.filter(({ status }) => status !== 'denied' && !status?.startsWith('denied ('))
  expect(orders.length).toBeGreaterThan(1)
  expect(new Set(orders.map((order) => order.client_order_id)).size).toBe(orders.length)
  // Each is one of ours, and none of ours is there twice under different ids.
  expect(orders.length).toBeLessThanOrEqual(sent.length)
  const filled = orders.filter(({ filled_qty }) => Number(filled_qty) > 0)
  expect(filled.map(({ side, filled_qty }) => `${side} ${filled_qty}`)).toEqual(
    journal('fills').map(({ side, quantity }) => `${side} ${quantity}`),
  )

  // Somebody else's order is no part of the books, and said to be so.
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
  const differs = await start().ended
  expect(differs).toMatchObject({
    code: 1,
    out: expect.stringMatching(
      /books {4}differ from alpaca in 1 place:\n {2}order strange is open at the venue, and the/,
    ),
  })
  const strange = await ask<{ readonly id: string }>(venue, '/v2/orders:by_client_order_id?client_order_id=strange')
  await ask(venue, `/v2/orders/${strange?.id}`, 'DELETE')

  // The tape is over: the next life only looks whether all is as it was left, and asks the venue to end.
  const again = await start('--json').ended
  expect(again.code).toBe(0)
  const told = JSON.parse(again.out) as { readonly status: string; readonly books: Readonly<Record<string, unknown>> }
  expect(told).toMatchObject({ status: 'completed', books: { agree: true, differences: [] } })
  expect(existsSync(join(folder, 'run', 'report.html'))).toBe(true)
  await expect(ask(venue, '/v2/clock')).rejects.toThrow()
  const tradeswarm = (...given: readonly string[]) =>
    spawnSync(node, [main, ...given], { cwd: folder, encoding: 'utf8' })
  expect(tradeswarm('verify', 'run')).toMatchObject({ status: 0 })
  expect(tradeswarm('replay', 'run')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/a run at alpaca cannot be replayed/),
  })
  expect(tradeswarm('run', '--resume', '--out', 'run')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/cannot be resumed: tradeswarm run --broker goes on with it/),
  })
  expect(tradeswarm(...words)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/the double of its run has ended, and what it held is gone; --overwrite begins anew/),
  })
}, 240_000)
