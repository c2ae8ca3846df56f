// The peer of requests: `broker.call`, one after the other, with `circuitBreaker`, `bulkhead` (10 at once, its default),
// `retryPolicy`, `requestTimeout`, `metrics` without a reporter, `tracing` without an exporter, and validation of the input.
// It has no validation of answers: a middleware does that with moleculer's own validator, compiled once.
import assert from 'node:assert/strict'
import { Errors, ServiceBroker } from 'moleculer'
import { rateOf } from '../core/rates.mjs'
import { signalOf, signalParams, verdictOn, verdictParams } from '../core/signal.mjs'
import { report } from '../measure.mjs'

const validatesAnswers = {
  localAction(next, action) {
    if (action.returns === undefined) return next
    const check = action.service.broker.validator.compile(action.returns)
    return async (context) => {
      const answer = await next(context)
      const result = check(answer)
      if (result === true) return answer
      throw new Errors.ValidationError('the answer is not valid', null, result)
    }
  },
}
const broker = new ServiceBroker({
  nodeID: 'bench',
  logger: false,
  circuitBreaker: { enabled: true },
  bulkhead: { enabled: true },
  retryPolicy: { enabled: true },
  requestTimeout: 1000,
  metrics: { enabled: true, reporter: [] },
  tracing: { enabled: true, exporter: [] },
  middlewares: [validatesAnswers],
})
let asked = 0
broker.createService({
  name: 'critic',
  actions: {
    judge: {
      params: signalParams,
      returns: verdictParams,
      async handler(context) {
        asked += 1
        if (context.params.text === 'answer wrongly') return { ...verdictOn(context.params), strength: 2 }
        return verdictOn(context.params)
      },
    },
  },
})
await broker.start()
await assert.rejects(broker.call('critic.judge', { ...signalOf(0), score: 2 }), { code: 422 })
await assert.rejects(broker.call('critic.judge', { ...signalOf(0), text: 'answer wrongly' }), { code: 422 })
assert.equal(asked, 1)

asked = 0
let sent = 0
const figures = await rateOf(async () => {
  for (let count = 0; count < 100; count += 1) {
    const verdict = await broker.call('critic.judge', signalOf(sent))
    if (verdict.sequence !== sent) throw new Error(`${sent} got the answer to another`)
    sent += 1
  }
  return 100
})
await broker.stop()
assert.equal(asked, sent)
report(figures)
