import { describe, expect, test } from 'vitest'
import type { Broker, BrokerDefinition } from '../orders/broker.js'
import type { AccountLease } from './account-lease.js'
import { type KernelBench, openKernelBench } from './kernel-bench.test-support.js'
import { createManualTimers } from './manual-timers.test-support.js'

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
}

/** A kernel that starts at a venue which opens when and how a test says. */
function starting({ timers = createManualTimers() as ReturnType<typeof createManualTimers> | undefined } = {}) {
  const door = Promise.withResolvers<void>()
  const happened: string[] = []
  const lease: AccountLease = {
    acquire: async () => ({ token: 1, expiresAt: 0 }),
    renew: async () => ({ token: 1, expiresAt: 0 }),
    release: async () => void happened.push('the account is given back'),
    lapsed: () => undefined,
    renewEveryMs: 1_000,
  }
  const started: Promise<KernelBench> = openKernelBench(
    { venueTimeoutMs: 3_000, ...(timers === undefined ? {} : { timers, lease }) },
    0,
    ({ definition }) => {
      const { open } = definition
      const late: BrokerDefinition['open'] = async (context) => {
        await door.promise
        const opened: Broker = await open(context)
        return { ...opened, close: async () => void happened.push('the venue is closed') }
      }
      Object.assign(definition, { open: late })
    },
  )
  started.catch(() => undefined)
  return { door, happened, started, timers }
}

describe('a venue that is being opened', () => {
  test('is waited for as long as for any call, and told by name when it hangs; the account is given back', async () => {
    const { started, timers, happened } = starting()
    await settle()
    expect(timers?.pending()).toBe(1)
    timers?.fire()
    await expect(started).rejects.toMatchObject({
      code: 'VENUE_NOT_OPENED',
      retryability: 'retryable',
      message:
        'account test was not opened: its venue "scripted" took longer than 3000 ms, and no order was sent; see whether the venue can be reached and start again, or give it more time with venueTimeoutMs',
      context: { account: 'test', venueTimeoutMs: 3_000 },
    })
    expect(happened).toEqual(['the account is given back'])
  })

  test('is closed at once when it opens after it was given up', async () => {
    const { door, started, timers, happened } = starting()
    await settle()
    timers?.fire()
    await expect(started).rejects.toMatchObject({ code: 'VENUE_NOT_OPENED' })
    door.resolve()
    await settle()
    expect(happened).toEqual(['the account is given back', 'the venue is closed'])
  })

  test('may fail after it was given up, and nobody is hurt by that', async () => {
    const { door, started, timers, happened } = starting()
    await settle()
    timers?.fire()
    await expect(started).rejects.toMatchObject({ code: 'VENUE_NOT_OPENED' })
    door.reject(new Error('too late'))
    await settle()
    expect(happened).toEqual(['the account is given back'])
  })

  test('fails with what it throws itself', async () => {
    const { door, started, timers, happened } = starting()
    door.reject(new Error('the key is wrong'))
    await expect(started).rejects.toThrow('the key is wrong')
    expect(timers?.pending()).toBe(0)
    expect(happened).toEqual(['the account is given back'])
  })

  test('is not bounded where there are no timers, as in virtual time', async () => {
    const { door, started } = starting({ timers: undefined })
    await settle()
    door.resolve()
    expect((await started).kernel.tradingState().state).toBe('active')
  })
})
