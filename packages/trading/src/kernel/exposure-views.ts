import { type Decimal, zero } from '../money/decimal.js'
import type { OrderRecord } from '../orders/order-record.js'
import type { Side } from '../orders/order-request.js'
import type { PrincipalUse } from '../risk/activity-view.js'
import type { PolicyLimits } from '../risk/policy-limits.js'
import { type ExposureView, required } from '../risk/risk-context.js'
import { measure, noExposure, type Sources, worthOf } from './symbol-exposure.js'

/** What an exposure book adds up, under any policy. */
export type Sums = Omit<ExposureView, 'movingWith' | 'ofThisOrder'> & {
  movingWith(limits: PolicyLimits, symbol: string): Decimal | undefined
}

/** The sums under one policy. */
export class SumsView implements ExposureView {
  constructor(
    private readonly sums: Sums,
    private readonly limits: PolicyLimits,
  ) {}
  equity(): Decimal {
    return this.sums.equity()
  }
  of(symbol: string): Decimal {
    return this.sums.of(symbol)
  }
  has(symbol: string): boolean {
    return this.sums.has(symbol)
  }
  symbols(): number {
    return this.sums.symbols()
  }
  gross(): Decimal {
    return this.sums.gross()
  }
  net(side: Side): Decimal {
    return this.sums.net(side)
  }
  movingWith(symbol: string): Decimal | undefined {
    return this.sums.movingWith(this.limits, symbol)
  }
  openEntries(): number {
    return this.sums.openEntries()
  }
  ofThisOrder(): Decimal {
    return zero
  }
  openResult(use: PrincipalUse): Decimal {
    return this.sums.openResult(use)
  }
}

/** The same without one order that lives: other terms of it are measured as if it were not there. */
export class ViewWithout implements ExposureView {
  private readonly knownWorth: Decimal | undefined
  private readonly isOnly: boolean
  constructor(
    private readonly view: ExposureView,
    runtime: Sources,
    private readonly order: OrderRecord,
  ) {
    const { symbol } = order.header.request
    this.knownWorth = worthOf(runtime, order)
    const alone = noExposure(symbol, 0)
    measure(runtime, alone, order.header.orderId)
    this.isOnly = !alone.isExposed
  }
  private get worth(): Decimal {
    return required(this.knownWorth, `the price of ${this.order.header.request.symbol}`)
  }
  private isOwn(symbol: string): boolean {
    return symbol === this.order.header.request.symbol
  }
  equity(): Decimal {
    return this.view.equity()
  }
  of(symbol: string): Decimal {
    return this.isOwn(symbol) ? this.view.of(symbol).minus(this.worth) : this.view.of(symbol)
  }
  has(symbol: string): boolean {
    return this.view.has(symbol) && !(this.isOwn(symbol) && this.isOnly)
  }
  symbols(): number {
    return this.view.symbols() - (this.isOnly ? 1 : 0)
  }
  gross(): Decimal {
    return this.view.gross().minus(this.worth)
  }
  net(side: Side): Decimal {
    return side === this.order.header.request.side ? this.view.net(side).minus(this.worth) : this.view.net(side)
  }
  movingWith(symbol: string): Decimal | undefined {
    return this.view.movingWith(symbol)
  }
  openEntries(): number {
    return this.view.openEntries() - 1
  }
  ofThisOrder(): Decimal {
    return this.worth
  }
  openResult(use: PrincipalUse): Decimal {
    return this.view.openResult(use)
  }
}
