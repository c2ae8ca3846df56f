import type { EpochMs } from '@tradeswarm/core'
import { type Decimal, decimal, decimalText, type Execution, zero } from '@tradeswarm/trading'
import type { FakeLedger } from './fake-ledger.js'
import type { FakeTerms } from './fake-order.js'

/** What a sale of shares is charged: the SEC's fee of its proceeds, and FINRA's of each share, so much at the most. About those of 2026. */
const secFraction = decimal('0.0000206')
const tafPerShare = decimal('0.000195')
const tafMost = decimal('9.79')
/** The Consolidated Audit Trail costs so much a share, bought or sold. */
const catPerShare = decimal('0.000003')
const cents = 2

/** A fee that is posted when the day is over; `paidInCash` where the cash goes only then. */
type DayFee = { readonly fields: Readonly<Record<string, unknown>>; readonly paidInCash: Decimal }

/** What the executions of a day cost, told at its end: what regulators take, of the cash, and what crypto has cost, which was taken when it traded. */
export class DayFees {
  readonly #ledger: FakeLedger
  readonly #hasRegulators: boolean
  readonly #ofCrypto: DayFee[] = []
  #sec = zero
  #taf = zero
  #cat = zero

  constructor(ledger: FakeLedger, hasRegulators: boolean) {
    this.#ledger = ledger
    this.#hasRegulators = hasRegulators
  }

  note({ asset, side }: FakeTerms, { price, quantity, fee, feeCurrency }: Execution): void {
    const [units, cost] = [decimal(quantity), decimal(fee)]
    if (asset.class === 'crypto') {
      if (cost.eq(zero)) return
      const isInUnits = feeCurrency !== 'USD'
      const charged = decimalText(zero.minus(cost))
      this.#ofCrypto.push({
        fields: {
          // What is charged in dollars is a fee like any other.
          activity_type: isInUnits ? 'CFEE' : 'FEE',
          symbol: asset.positionSymbol,
          qty: isInUnits ? charged : '0',
          price,
          net_amount: isInUnits ? '0' : charged,
          description: `Coin Pair Transaction Fee (${isInUnits ? 'Non USD' : 'USD'})`,
        },
        paidInCash: zero,
      })
      return
    }
    if (!this.#hasRegulators) return
    this.#cat = this.#cat.plus(units.times(catPerShare))
    if (side === 'buy') return
    const taf = units.times(tafPerShare)
    this.#sec = this.#sec.plus(units.times(decimal(price)).times(secFraction))
    this.#taf = this.#taf.plus(taf.gt(tafMost) ? tafMost : taf)
  }

  /** Posts what has come together, and answers what of it is to be taken from the cash. */
  post(time: EpochMs): Decimal {
    const regulators = [
      ['REG', this.#sec],
      ['TAF', this.#taf],
      ['CAT', this.#cat],
    ] as const
    const fees: DayFee[] = this.#ofCrypto.splice(0)
    for (const [subType, amount] of regulators) {
      if (amount.eq(zero)) continue
      // Each kind is rounded up to a cent.
      const charged = amount.round(cents, 'up')
      const net = decimalText(zero.minus(charged))
      const fields = {
        activity_type: 'FEE',
        activity_sub_type: subType,
        net_amount: net,
        description: `${subType} fee`,
      }
      fees.push({ fields, paidInCash: charged })
    }
    this.#sec = zero
    this.#taf = zero
    this.#cat = zero
    for (const { fields } of fees) this.#ledger.noteOther(fields, time)
    return fees.reduce((sum: Decimal, { paidInCash }) => sum.plus(paidInCash), zero)
  }
}
