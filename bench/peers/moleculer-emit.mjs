// The peer of publishing: `broker.emit` to one handler that validates with moleculer's own validator. Metrics and tracing are
// off. `atOnce` are emitted before they are awaited, together.
import assert from 'node:assert/strict'
import { ServiceBroker } from 'moleculer'
import { rateOf } from '../core/rates.mjs'
import { signalOf, signalParams } from '../core/signal.mjs'
import { createTally } from '../core/tally.mjs'
import { report } from '../measure.mjs'

const { atOnce } = JSON.parse(process.argv[2])
const emitsEach = 100

const tally = createTally()
const broker = new ServiceBroker({ nodeID: 'bench', logger: false })
broker.createService({
  name: 'sink',
  events: { 'signal.observed': { params: signalParams, handler: (context) => tally.saw(context.params) } },
})
await broker.start()
// It tells nobody but its log of an event that is not valid.
await broker.emit('signal.observed', { ...signalOf(0), score: 2 })
assert.equal(tally.count, 0, 'moleculer did not validate')

let sent = 0
const emitNext = () => {
  const emitting = broker.emit('signal.observed', signalOf(sent))
  sent += 1
  return emitting
}
const figures = await rateOf(async () => {
  for (let count = 0; count < emitsEach; count += atOnce) {
    if (atOnce === 1) await emitNext()
    else await Promise.all(Array.from({ length: atOnce }, emitNext))
  }
  return emitsEach
})
await broker.stop()
tally.assertSaw(sent)
report(figures)
