import { type AmendedOrder, decimal, decimalText, type OrderRequest } from '@tradeswarm/trading'
import type { OkxAlgo, OkxOrder } from './parse-order.js'

/** An amendment that was asked for, and not answered yet: its name, and the terms that the order is to have. Plain decimal texts. */
export type PendingAmendment = {
  readonly by: string
  /** The whole size, what was filled included. */
  readonly quantity: string
  readonly limitPrice: string | undefined
  readonly stopPrice: string | undefined
}

/** The names of an order that was amended: the first is its client order id at OKX, the last the one that it goes by here. */
export type Revisions = {
  readonly names: [string, ...string[]]
  pending: PendingAmendment | undefined
  /** What it had filled when an amendment took a name from it, where that was in this life. */
  readonly filledAs: Map<string, string>
}

/**
 * OKX amends in place, and goes on naming an order by its first client order id, while here each amendment gives it another name. This knows
 * which names are of one order.
 */
export class RevisionBook {
  readonly #byName = new Map<string, Revisions>()

  /** Whether nothing was amended. */
  get isEmpty(): boolean {
    return this.#byName.size === 0
  }

  /** By any of its names, that of an amendment on its way included; undefined for what was never amended. */
  of(name: string): Revisions | undefined {
    // Asked with each push: most accounts amend nothing.
    return this.#byName.size === 0 ? undefined : this.#byName.get(name)
  }

  /** What OKX knows it by. */
  firstNameOf(name: string): string {
    return this.of(name)?.names[0] ?? name
  }

  /** What it goes by. */
  lastNameOf(name: string): string {
    return this.of(name)?.names.at(-1) ?? name
  }

  /** Takes what was amended in another life. */
  recall({ names, pending }: AmendedOrder): Revisions {
    const revisions: Revisions = { names: [...names], pending: undefined, filledAs: new Map() }
    for (const name of names) this.#byName.set(name, revisions)
    if (pending !== undefined) this.expect(names[0], pendingOf(pending))
    return revisions
  }

  /** An amendment is on its way, in place of any that got no answer. */
  expect(name: string, pending: PendingAmendment): Revisions {
    const revisions = this.#byName.get(name) ?? { names: [name], pending: undefined, filledAs: new Map() }
    this.drop(revisions)
    this.#byName.set(name, revisions)
    this.#byName.set(pending.by, revisions)
    revisions.pending = pending
    return revisions
  }

  /** The amendment that was on its way was made, when so much was filled. */
  take(revisions: Revisions, filled: string): void {
    revisions.filledAs.set(revisions.names.at(-1) ?? '', filled)
    if (revisions.pending !== undefined) revisions.names.push(revisions.pending.by)
    revisions.pending = undefined
  }

  /** The amendment was not made, and will not be. */
  drop(revisions: Revisions): void {
    if (revisions.pending !== undefined) this.#byName.delete(revisions.pending.by)
    revisions.pending = undefined
  }

  forget(name: string): void {
    const revisions = this.of(name)
    if (revisions === undefined) return
    for (const each of revisions.names) this.#byName.delete(each)
    this.drop(revisions)
  }
}

/** The terms that a request asks for. */
export function pendingOf({ clientOrderId: by, quantity, limitPrice, stopPrice }: OrderRequest): PendingAmendment {
  return { by, quantity: plain(quantity), limitPrice: plainOf(limitPrice), stopPrice: plainOf(stopPrice) }
}

/** Whether the venue's order stands at the terms of an amendment: then that was made, whoever told of it or did not. */
export function isMade(pending: PendingAmendment, order: OkxOrder | undefined, algo: OkxAlgo | undefined): boolean {
  const { quantity, limitPrice, stopPrice } = pending
  if (algo !== undefined)
    return algo.quantity === quantity && algo.stopPrice === stopPrice && algo.limitPrice === limitPrice
  return order !== undefined && order.quantity === quantity && order.price === limitPrice
}

const plain = (amount: string): string => decimalText(decimal(amount))
const plainOf = (amount: string | undefined): string | undefined => (amount === undefined ? undefined : plain(amount))
