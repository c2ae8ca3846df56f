import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { combine } from './combine.js'
import { promiseOf } from './nestable-policy.js'

describe('promiseOf', () => {
  it('knows promises, and what is like one, from values', async () => {
    const promise = Promise.resolve(1)
    expect(promiseOf(promise)).toBe(promise)
    const ofAnotherRealm: unknown = runInNewContext('Promise.resolve(2)')
    expect([ofAnotherRealm instanceof Promise, await promiseOf(ofAnotherRealm)]).toEqual([false, 2])
    await expect(promiseOf(Promise.reject(new Error('no')))).rejects.toThrow('no')
    for (const value of [undefined, null, 0, 'then', {}, { next: 1 }, [promise]])
      expect(promiseOf(value)).toBeUndefined()
  })
})

describe('a policy', () => {
  it('always answers with a promise, and turns what is thrown at once into a rejection', async () => {
    const answer = combine().execute(() => 1)
    expect(answer).toBeInstanceOf(Promise)
    expect(await answer).toBe(1)
    const throws = (): never => {
      throw new Error('at once')
    }
    await expect(combine().execute(throws)).rejects.toThrow('at once')
  })

  it('calls nothing for a caller that has given up already', async () => {
    let called = false
    const answer = combine().execute(() => {
      called = true
    }, AbortSignal.abort('enough'))
    await expect(answer).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough', retryability: 'fatal' })
    expect(called).toBe(false)
  })

  it('hands its function the signal of the caller', async () => {
    const { signal } = new AbortController()
    expect(await combine().execute((context) => context.signal, signal)).toBe(signal)
    expect((await combine().execute((context) => context.signal)).aborted).toBe(false)
  })
})
