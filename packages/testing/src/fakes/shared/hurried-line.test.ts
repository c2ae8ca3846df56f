import { createSystemClock } from '@tradeswarm/core'
import { expect, it } from 'vitest'
import { createHurriedLine } from './hurried-line.js'

const machine = createSystemClock()

function lineTo(fetch: (url: string) => Promise<string>) {
  return createHurriedLine({ fetch, connect: () => ({ addEventListener: () => undefined }) })
}

it('waits come to their ends in their order, as late as they are by the clock, and nobody waits for them', async () => {
  const { clock } = lineTo(async () => '')
  const [began, begin] = [machine.now(), clock.now()]
  const ends: [string, number][] = []
  await new Promise<void>((resolve) => {
    const end = (name: string) => () => {
      ends.push([name, clock.now() - begin])
      if (name === 'longest') resolve()
    }
    clock.at(begin + 5_000, end('longest'))
    clock.at(begin + 4_000, end('long'))
    const cancel = clock.at(begin + 3_000, end('cancelled'))
    clock.at(begin + 2_000, () => {
      end('short')()
      cancel()
    })
  })
  expect(ends.map(([name]) => name)).toEqual(['short', 'long', 'longest'])
  for (const [index, [, late]] of ends.entries()) expect(late).toBeGreaterThanOrEqual([2_000, 4_000, 5_000][index] ?? 0)
  expect(clock.now() - begin).toBeGreaterThanOrEqual(5_000)
  expect(machine.now() - began).toBeLessThan(4_000)
})

it('an answer on its way comes before a wait is skipped', async () => {
  const { clock, transport } = lineTo(
    (url) => new Promise((resolve) => void machine.at(machine.now() + 10, () => resolve(url))),
  )
  const first = await Promise.race([
    transport.fetch('answered'),
    new Promise((resolve) => void clock.at(clock.now() + 4_000, () => resolve('given up'))),
  ])
  expect(first).toBe('answered')
})

it('a wait for what never comes ends', async () => {
  const { clock, transport } = lineTo(() => new Promise<string>(() => undefined))
  const first = await Promise.race([
    transport.fetch('answered'),
    new Promise((resolve) => void clock.at(clock.now() + 4_000, () => resolve('given up'))),
  ])
  expect(first).toBe('given up')
})
