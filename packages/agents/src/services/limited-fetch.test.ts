import { createOutboundLimiter } from '@tradeswarm/core'
import { expect, test } from 'vitest'
import { createLimitedFetch } from './limited-fetch.js'

/** A fetch of two requests at once, whose answers the test gives, with what was sent so far. */
function limited() {
  const stop = new AbortController()
  const sent: string[] = []
  const answers: PromiseWithResolvers<Response>[] = []
  const limiter = createOutboundLimiter({ concurrency: 2, maximumWaiting: 3 })
  const fetch = createLimitedFetch({
    fetch(input) {
      sent.push(input instanceof Request ? input.url : String(input))
      const answer = Promise.withResolvers<Response>()
      answers.push(answer)
      return answer.promise
    },
    limiter,
    stopped: stop.signal,
  })
  return { fetch, sent, answers, stop }
}

const address = (name: string): string => `https://feed.test/${name}`

test('so many requests are out at once; the next goes when one is answered, or has failed', async () => {
  const { fetch, sent, answers } = limited()
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => fetch(address(name)))
  expect(sent).toEqual(['a', 'b'].map(address))
  answers[1]?.resolve(new Response('of b'))
  expect(await (await b)?.text()).toBe('of b')
  await expect.poll(() => sent).toEqual(['a', 'b', 'c'].map(address))
  answers[0]?.reject(new TypeError('no network'))
  await expect(a).rejects.toThrow('no network')
  await expect.poll(() => sent).toEqual(['a', 'b', 'c', 'd'].map(address))
  for (const answer of answers) answer.resolve(new Response())
  await Promise.all([c, d])
})

test('a request that is aborted while it waits is not sent, however it is given its signal', async () => {
  const { fetch, sent, answers } = limited()
  const running = [fetch(address('a')), fetch(address('b'))]
  const control = new AbortController()
  const waiting = [
    fetch(address('c'), { signal: control.signal }),
    fetch(new Request(address('d'), { signal: control.signal })),
  ]
  control.abort()
  for (const request of waiting) await expect(request).rejects.toMatchObject({ code: 'ABORTED' })
  for (const answer of answers) answer.resolve(new Response())
  await Promise.all(running)
  expect(sent).toEqual(['a', 'b'].map(address))
})

test('when all is stopped nothing that waits goes out any more', async () => {
  const { fetch, sent, answers, stop } = limited()
  const running = [fetch(address('a')), fetch(address('b'))]
  const plain = fetch(address('c'))
  const ownSignal = fetch(address('d'), { signal: new AbortController().signal })
  stop.abort(new Error('stopped'))
  await expect(plain).rejects.toMatchObject({ code: 'ABORTED' })
  for (const answer of answers) answer.resolve(new Response())
  await Promise.all(running)
  await expect(ownSignal).rejects.toThrow('stopped')
  expect(sent).toEqual(['a', 'b'].map(address))
})

test('beyond those that may wait a request is refused', async () => {
  const { fetch, answers } = limited()
  const taken = ['a', 'b', 'c', 'd', 'e'].map((name) => fetch(address(name)))
  await expect(fetch(address('f'))).rejects.toMatchObject({ code: 'OUTBOUND_FULL' })
  for (let answered = 0; answered < taken.length; answered += 1) {
    await expect.poll(() => answers.length).toBeGreaterThan(answered)
    answers[answered]?.resolve(new Response())
  }
  await Promise.all(taken)
})
