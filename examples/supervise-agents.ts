// A tree of supervisors: feed and reader share their fate, the rest does not. What fails too often is put in quarantine.
import { Agent, defineSupervisor } from '@tradeswarm/core'
import { createTestSwarm } from '@tradeswarm/testing'

const world = { hasConfigFile: true }

class Feed extends Agent<typeof Feed> {
  static readonly role = 'feed'
  protected override onStart() {
    if (!world.hasConfigFile) throw new Error('its file is gone')
    console.log('  feed starts')
  }
}

class Reader extends Agent<typeof Reader> {
  static readonly role = 'reader'
  protected override onStart() {
    console.log('  reader starts')
  }
}

class Bystander extends Agent<typeof Bystander> {
  static readonly role = 'bystander'
  protected override onStart() {
    console.log('  bystander starts')
  }
}

const market = defineSupervisor({
  name: 'market',
  strategy: 'rest-for-one', // whoever comes after the one that failed is started anew with it
  children: [Feed, Reader],
  intensity: { restarts: 3, perMs: 60_000 },
  onExceeded: 'quarantine',
})

const test = createTestSwarm({
  agents: [market, Bystander],
  onAlert: ({ code, message }) => console.log(`! ${code}: ${message}`),
})
await test.start()

console.log('kill the feed')
await test.swarm.agent('feed').kill()
await test.settle()

console.log('kill it for good')
world.hasConfigFile = false
await test.swarm.agent('feed').kill()
await test.advance('10s')
const { state, quarantine } = test.swarm.agent('feed').status()
console.log({ state, quarantine }, 'reader', test.swarm.agent('reader').status().state)

console.log('mend and release')
world.hasConfigFile = true
await test.swarm.agent('feed').release()
await test.settle()
console.log('feed', test.swarm.agent('feed').status().state)
console.dir(test.swarm.supervision(), { depth: 4 })
await test.stop()
