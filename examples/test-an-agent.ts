// How an agent is tested: no waiting, no mocks of the SDK. Any test runner will do; this one is Node's own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Agent, defineRequest, defineTopic } from '@tradeswarm/core'
import { createTestSwarm } from '@tradeswarm/testing'
import { z } from 'zod'

const Quote = defineTopic('quote', {
  schema: z.object({ symbol: z.string(), price: z.number() }),
  delivery: 'ephemeral',
})
const Stale = defineTopic('quote.stale', { schema: z.object({ symbol: z.string() }), delivery: 'durable' })
const GetLast = defineRequest('quote.last', {
  input: z.object({ symbol: z.string() }),
  output: z.object({ price: z.number().nullable() }),
  idempotent: true,
})

class Watch extends Agent<typeof Watch> {
  static readonly role = 'watch'
  static readonly publishes = [Stale]
  static readonly responds = [GetLast]
  static readonly config = z.object({ staleAfterMs: z.number().default(30_000) })

  protected override onStart() {
    this.subscribe(Quote, ({ symbol, price }, { state, clock }) => state.set(symbol, { price, at: clock.now() }))
    this.respond(GetLast, ({ symbol }, { state }) => ({ price: state.get<{ price: number }>(symbol)?.price ?? null }))
    this.every('10s', async ({ state, clock, publish, logger }) => {
      for (const symbol of state.keys()) {
        if (clock.now() - (state.get<{ at: number }>(symbol)?.at ?? 0) < this.config.staleAfterMs) continue
        state.delete(symbol)
        logger.warn('no quote', { symbol })
        await publish(Stale, { symbol })
      }
    })
  }
}

await test('a symbol without quotes for half a minute is reported once', async () => {
  const swarm = createTestSwarm({ agents: [Watch] })
  await swarm.start()
  await swarm.publish(Quote, { symbol: 'AAPL', price: 101 })
  assert.deepEqual(await swarm.request(GetLast, { symbol: 'AAPL' }), { price: 101 })

  await swarm.advance('29s')
  assert.deepEqual(swarm.published(Stale), [])
  await swarm.advance('10m')
  assert.deepEqual(swarm.published(Stale), [{ symbol: 'AAPL' }])
  assert.deepEqual(await swarm.request(GetLast, { symbol: 'AAPL' }), { price: null })
  assert.equal(swarm.log.filter(({ message }) => message === 'no quote').length, 1)
  await swarm.stop()
})

await test('it is reported too when the swarm was dead meanwhile', async () => {
  const swarm = createTestSwarm({ agents: [{ agent: Watch, config: { staleAfterMs: 60_000 } }] })
  await swarm.start()
  await swarm.publish(Quote, { symbol: 'AAPL', price: 101 })
  await swarm.swarm.checkpoint() // what ephemeral messages change is saved with the next durable commit, or here
  swarm.crash()
  await swarm.advance('5m')
  await swarm.restart()
  await swarm.advance('10s')
  assert.deepEqual(swarm.published(Stale), [{ symbol: 'AAPL' }])
  await swarm.stop()
})
