import type { Decimal } from '@tradeswarm/trading'
import type { OkxListing } from './okx-instruments.js'
import { isRefusal, type OkxRefusal, refuse, wrongParameter } from './okx-refusal.js'
import { amountOf, isClientId, textOf } from './read-fields.js'

export type PriceType = 'last' | 'index' | 'mark'

/** One side of a take-profit or stop-loss: where it is set off, and at which price it then trades; undefined for the market's. */
export type TriggerLeg = {
  readonly trigger: Decimal
  readonly triggerType: PriceType
  readonly price: Decimal | undefined
}

/** A take-profit, a stop-loss or both, waiting for the order that it belongs to. */
export type AttachedAlgo = {
  readonly attachAlgoClOrdId: string
  readonly takeProfit: TriggerLeg | undefined
  readonly stopLoss: TriggerLeg | undefined
  /** As the order tells it. */
  readonly fields: Readonly<Record<string, string>>
}

const priceTypes: readonly string[] = ['last', 'index', 'mark']

/** Reads `tpTriggerPx`, `tpOrdPx` and `tpTriggerPxType`, or the same of `sl`; undefined where there are none. */
export function readLeg(
  body: Readonly<Record<string, unknown>>,
  prefix: 'tp' | 'sl',
): TriggerLeg | OkxRefusal | undefined {
  const [triggerField, priceField, typeField] = [`${prefix}TriggerPx`, `${prefix}OrdPx`, `${prefix}TriggerPxType`]
  const trigger = amountOf(body, triggerField)
  if (isRefusal(trigger)) return trigger
  const priceText = textOf(body, priceField)
  if (trigger === undefined)
    return priceText === ''
      ? undefined
      : refuse('50015', `Either parameter ${triggerField} or ${priceField} is required`)
  if (priceText === '') return refuse('50014', `Parameter ${priceField} can not be empty.`)
  const price = priceText === '-1' ? undefined : amountOf(body, priceField)
  if (isRefusal(price)) return price
  const triggerType = textOf(body, typeField) || 'last'
  if (!priceTypes.includes(triggerType)) return wrongParameter(typeField)
  return { trigger, triggerType: triggerType as PriceType, price }
}

/** Prices on the grid, and set off by one that there is: spot knows the last price alone. */
export function checkLeg(
  { trigger, triggerType, price }: TriggerLeg,
  { instType, tick }: OkxListing,
): OkxRefusal | undefined {
  if (instType === 'SPOT' && triggerType !== 'last')
    return refuse('51415', 'Spot trading only supports using the last price as trigger price.')
  const isOffGrid = !trigger.mod(tick).isZero() || (price !== undefined && !price.mod(tick).isZero())
  if (!isOffGrid) return undefined
  return refuse('51150', 'The precision of the number of trades or the price exceeds the limit.')
}

/** Reads `attachAlgoOrds` of an order. Split take-profits, ratios and limit take-profits are not known here. */
export function readAttached(
  body: Readonly<Record<string, unknown>>,
  listing: OkxListing,
): readonly AttachedAlgo[] | OkxRefusal {
  const list = body['attachAlgoOrds']
  if (list === undefined) return []
  if (!Array.isArray(list) || list.length > 1) return wrongParameter('attachAlgoOrds')
  const attached: AttachedAlgo[] = []
  for (const one of list as readonly Readonly<Record<string, unknown>>[]) {
    const id = textOf(one, 'attachAlgoClOrdId')
    if (id !== '' && !isClientId(id)) return wrongParameter('attachAlgoClOrdId')
    const odd = unknownField(one)
    if (odd !== undefined) return wrongParameter(odd)
    const [takeProfit, stopLoss] = [readLeg(one, 'tp'), readLeg(one, 'sl')]
    if (isRefusal(takeProfit)) return takeProfit
    if (isRefusal(stopLoss)) return stopLoss
    if (takeProfit === undefined && stopLoss === undefined) return wrongParameter('attachAlgoOrds')
    for (const leg of [takeProfit, stopLoss]) {
      const misfit = leg === undefined ? undefined : checkLeg(leg, listing)
      if (misfit !== undefined) return misfit
    }
    attached.push({ attachAlgoClOrdId: id, takeProfit, stopLoss, fields: attachedFields(one, id) })
  }
  return attached
}

const unknownFields = ['tpTriggerRatio', 'slTriggerRatio', 'sz', 'callbackRatio', 'callbackSpread', 'activePx']

/** A field that would mean something to the venue and does not here: refused, for what it asks for would be missing. */
function unknownField(one: Readonly<Record<string, unknown>>): string | undefined {
  if (textOf(one, 'tpOrdKind') === 'limit') return 'tpOrdKind'
  if (textOf(one, 'amendPxOnTriggerType') === '1') return 'amendPxOnTriggerType'
  return unknownFields.find((field) => textOf(one, field) !== '')
}

function attachedFields(one: Readonly<Record<string, unknown>>, id: string): Readonly<Record<string, string>> {
  const text = (field: string): string => textOf(one, field)
  const typeOf = (prefix: string): string =>
    text(`${prefix}TriggerPx`) === '' ? '' : text(`${prefix}TriggerPxType`) || 'last'
  return {
    amendPxOnTriggerType: '0',
    attachAlgoClOrdId: id,
    attachAlgoId: '',
    failCode: '',
    failReason: '',
    slOrdPx: text('slOrdPx'),
    slTriggerPx: text('slTriggerPx'),
    slTriggerPxType: typeOf('sl'),
    slTriggerRatio: '',
    sz: '',
    tpOrdKind: text('tpTriggerPx') === '' ? '' : 'condition',
    tpOrdPx: text('tpOrdPx'),
    tpTriggerPx: text('tpTriggerPx'),
    tpTriggerPxType: typeOf('tp'),
    tpTriggerRatio: '',
  }
}
