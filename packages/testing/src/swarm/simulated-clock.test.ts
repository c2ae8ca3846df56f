import { createRetry, createSeededRandom, type Duration, SwarmError } from '@tradeswarm/core'
import { describe, expect, it } from 'vitest'
import { createSimulatedClock } from './simulated-clock.js'

describe('createSimulatedClock', () => {
  it('stands still until it is moved, and fires each timer at its own time, in order of time, then of setting', async () => {
    const clock = createSimulatedClock({ start: 1_000 })
    const fired: string[] = []
    const note = (name: string) => (): void => void fired.push(`${name} ${clock.now()}`)
    clock.at(1_500, note('b'))
    clock.at(1_200, note('a'))
    clock.at(1_500, note('c'))
    clock.at(1_501, note('later'))
    clock.at(900, note('past'))
    expect([clock.now(), clock.pending(), fired]).toEqual([1_000, 5, []])
    await clock.advance(500)
    expect(fired).toEqual(['past 1000', 'a 1200', 'b 1500', 'c 1500'])
    expect([clock.now(), clock.pending()]).toEqual([1_500, 1])
  })

  it('lets all promises settle between two timers, and fires what they set on the way', async () => {
    const clock = createSimulatedClock({ start: 0 })
    const events: string[] = []
    const chain = async (name: string): Promise<void> => {
      for (let step = 0; step < 50; step += 1) await Promise.resolve()
      events.push(`${name} ${clock.now()}`)
      if (name === 'a') clock.at(clock.now() + 1, () => chain('set by a'))
    }
    clock.at(10, () => chain('a'))
    clock.at(12, () => chain('b'))
    await clock.advance('1s')
    expect(events).toEqual(['a 10', 'set by a 11', 'b 12'])
  })

  it('jumps: what fell due meanwhile fires late', async () => {
    const clock = createSimulatedClock({ start: 0 })
    const fired: number[] = []
    for (const time of [10, 20]) clock.at(time, () => void fired.push(clock.now()))
    await clock.jump('1h')
    expect(fired).toEqual([3_600_000, 3_600_000])
  })

  it('does not fire what was called off, even by a timer of the same time', async () => {
    const clock = createSimulatedClock()
    let fired = 0
    const cancels: (() => void)[] = [
      clock.at(clock.now() + 5, () => cancels[1]?.()),
      clock.at(clock.now() + 5, () => void fired++),
    ]
    const third = clock.at(clock.now() + 6, () => void fired++)
    third()
    third()
    await clock.advance(10)
    expect([fired, clock.pending()]).toEqual([0, 0])
  })

  it('goes forwards only when moves are not awaited', async () => {
    const clock = createSimulatedClock({ start: 0 })
    const fired: number[] = []
    clock.at(10, () => void fired.push(clock.now()))
    clock.at(15, () => void fired.push(clock.now()))
    const first = clock.advance(12)
    await clock.advance(8)
    await first
    expect([fired, clock.now()]).toEqual([[10, 15], 20])
  })

  it('drives a resilience policy', async () => {
    const clock = createSimulatedClock()
    let tries = 0
    const retry = createRetry({ clock, random: createSeededRandom(1), maximumAttempts: 3 })
    const answer = retry.execute(() => {
      tries += 1
      if (tries < 3) throw new SwarmError({ code: 'BUSY', message: 'busy', retryability: 'retryable' })
      return tries
    })
    await clock.advance('1s')
    expect(await answer).toBe(3)
  })

  it.each<[Duration]>([['0s'], [-1], [Number.NaN]])('refuses to move by %s', async (duration) => {
    const clock = createSimulatedClock()
    for (const move of [clock.advance, clock.jump])
      await expect(move(duration)).rejects.toMatchObject({ code: 'INVALID_DURATION' })
  })

  it('refuses times that are none', () => {
    const refused = expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('NaN') })
    expect(() => createSimulatedClock({ start: Number.NaN })).toThrow(refused)
    expect(() => createSimulatedClock().at(Number.NaN, () => undefined)).toThrow(refused)
  })
})
