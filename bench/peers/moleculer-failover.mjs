// The peer of failover: two nodes of moleculer answer a third under steady load, with its defaults; then one is killed (cut
// from the transporter between them, which says goodbye for nobody) or freezes (its action answers nothing more, and it goes
// on beating). Both faults are observed at the same time, each among brokers of its own.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { ServiceBroker, Transporters } from 'moleculer'
import { underLoad } from '../core/load.mjs'
import { report } from '../measure.mjs'

const { perSecond, loadMs, faultAtMs, graceMs } = JSON.parse(process.argv[2])
const serviceMs = 3

class CuttableTransporter extends Transporters.Fake {
  isCut = false

  send(topic, data) {
    return this.isCut ? Promise.resolve() : super.send(topic, data)
  }

  receive(command, data) {
    return this.isCut ? undefined : super.receive(command, data)
  }
}

const [kill, freeze] = await Promise.all([observe('kill'), observe('freeze')])
report({ kill, freeze })
process.exit(0)

async function observe(fault) {
  const transporters = []
  const broker = (nodeID) => {
    const transporter = new CuttableTransporter()
    transporters.push(transporter)
    return new ServiceBroker({ namespace: fault, nodeID, logger: false, transporter })
  }
  const [caller, first, second] = [broker('caller'), broker('first'), broker('second')]
  let isFrozen = false
  const answeredBy = new Map()
  for (const node of [first, second]) {
    node.createService({
      name: 'quoter',
      actions: {
        async quote({ params }) {
          await sleep(serviceMs)
          if (node === second && isFrozen) await new Promise(() => undefined)
          answeredBy.set(node, (answeredBy.get(node) ?? 0) + 1)
          return { number: params.number }
        },
      },
    })
  }
  await Promise.all([caller.start(), first.start(), second.start()])
  await caller.waitForServices('quoter')
  for (let tries = 0; caller.registry.getActionEndpoints('quoter.quote')?.endpoints.length !== 2; tries += 1) {
    assert.ok(tries < 500, 'the caller did not find both nodes')
    await sleep(10)
  }
  return underLoad({
    ask: async (number) => (await caller.call('quoter.quote', { number })).number,
    fault() {
      assert.ok(answeredBy.get(first) > 0 && answeredBy.get(second) > 0, 'only one node was asked')
      if (fault === 'freeze') isFrozen = true
      else transporters[2].isCut = true
    },
    perSecond,
    loadMs,
    faultAtMs,
    graceMs,
  })
}
