import assert from 'node:assert/strict'
import { account } from './kernel-world.mjs'

let count = 0

/** A market order for ten units: a `buy` without a position enters, a `sell` of one leaves. */
export function intentOf(symbol, side, fields = {}) {
  count += 1
  return {
    intentId: `intent-${count}`,
    account,
    agent: 'trader',
    strategy: 'bench',
    symbol,
    side,
    type: 'market',
    quantity: '10',
    timeInForce: 'day',
    decidedAt: 0,
    causationId: `recommendation-${count}`,
    correlationId: `chain-${count}`,
    ...fields,
  }
}

/** Asks for a permit and uses it. */
export async function send(kernel, intent) {
  const assessment = await kernel.assess(intent)
  if (assessment.status !== 'permitted') assert.fail(JSON.stringify(assessment))
  const result = await kernel.submit(intent, assessment.permitId)
  if (result.status !== 'submitted') assert.fail(JSON.stringify(result))
  return result.orderId
}
