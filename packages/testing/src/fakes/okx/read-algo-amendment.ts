import type { AlgoTerms } from './algo-order.js'
import { checkLeg, type PriceType, type TriggerLeg } from './attached-algo.js'
import { isRefusal, type OkxRefusal, refuse, wrongParameter } from './okx-refusal.js'
import { checkStop } from './read-algo.js'
import { amountOf, textOf } from './read-fields.js'
import { type Body, checkSize } from './read-order.js'

/** The terms of an algo order after an amendment. Trailing stops cannot be amended; a leg that is not there cannot be added. */
export function amendedAlgo(terms: AlgoTerms, body: Body): AlgoTerms | OkxRefusal {
  if (terms.ordType === 'move_order_stop') return refuse('51506', 'Order modification unavailable for the order type.')
  const size = amountOf(body, 'newSz')
  if (isRefusal(size)) return size
  const takeProfit = amendedLeg(terms.takeProfit, body, 'newTpTriggerPx', 'newTpOrdPx', 'newTpTriggerPxType')
  const stopLoss = amendedLeg(terms.stopLoss, body, 'newSlTriggerPx', 'newSlOrdPx', 'newSlTriggerPxType')
  const trigger = amendedLeg(terms.trigger, body, 'newTriggerPx', 'newOrdPx', 'newTriggerPxType')
  for (const leg of [takeProfit, stopLoss, trigger]) if (isRefusal(leg)) return leg
  const next = { takeProfit, stopLoss, trigger } as Pick<AlgoTerms, 'takeProfit' | 'stopLoss' | 'trigger'>
  const isSame =
    size === undefined &&
    next.takeProfit === terms.takeProfit &&
    next.stopLoss === terms.stopLoss &&
    next.trigger === terms.trigger
  if (isSame) return refuse('51500', 'You must enter a price, quantity, or TP/SL')
  const { listing, tgtCcy } = terms
  const misfit =
    size === undefined || tgtCcy === 'quote_ccy' ? undefined : checkSize(listing, size, listing.maximumLimit)
  if (misfit !== undefined) return misfit
  const whole = size ?? terms.size
  const beyond = whole === undefined || tgtCcy === 'quote_ccy' ? undefined : checkStop(listing, whole, next)
  if (beyond !== undefined) return beyond
  for (const leg of Object.values(next)) {
    const wrong = leg === undefined ? undefined : checkLeg(leg, listing)
    if (wrong !== undefined) return wrong
  }
  return { ...terms, size: size ?? terms.size, ...next }
}

function amendedLeg(
  leg: TriggerLeg | undefined,
  body: Body,
  triggerField: string,
  priceField: string,
  typeField: string,
): TriggerLeg | OkxRefusal | undefined {
  const [triggerText, priceText, typeText] = [triggerField, priceField, typeField].map((name) => textOf(body, name))
  if (triggerText === '' && priceText === '' && typeText === '') return leg
  if (leg === undefined) return wrongParameter(triggerField)
  const trigger = amountOf(body, triggerField)
  if (isRefusal(trigger)) return trigger
  const price = priceText === '-1' ? undefined : amountOf(body, priceField)
  if (isRefusal(price)) return price
  if (typeText !== '' && !['last', 'index', 'mark'].includes(typeText ?? '')) return wrongParameter(typeField)
  return {
    trigger: trigger ?? leg.trigger,
    triggerType: typeText === '' ? leg.triggerType : (typeText as PriceType),
    price: priceText === '' ? leg.price : price,
  }
}
