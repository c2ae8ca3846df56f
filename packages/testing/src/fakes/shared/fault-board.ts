import { assertKnownFault } from '../assert-known-fault.js'
import { assertFaultTarget } from './assert-fault-target.js'
import { assertConditions, guardConditions } from './guard-conditions.js'
import type { FaultTarget } from './http-fault.js'

/** What a board knows of a venue. */
export type FaultBoardParts<Fault extends { readonly kind: string }, Conditions> = {
  /** Such as `fake Alpaca`: how refusals begin. */
  readonly place: string
  /** What may be said of each kind of fault, besides `on` and `times`. */
  readonly fields: Readonly<Record<Fault['kind'], readonly string[]>>
  /** What must be said of some kinds. */
  readonly needed: Readonly<Partial<Record<Fault['kind'], readonly string[]>>>
  readonly conditions: Conditions
  /** What is answered: a method and a path each. */
  readonly routes: readonly string[]
}

/** Which faults of a venue are to come, and what goes wrong as long as it is set. */
export class FaultBoard<Fault extends FaultTarget & { readonly kind: string }, Conditions extends object> {
  readonly conditions: Conditions
  readonly #parts: FaultBoardParts<Fault, Conditions>
  #faults: { readonly fault: Fault; left: number }[] = []

  constructor(parts: FaultBoardParts<Fault, Conditions>) {
    this.#parts = parts
    this.conditions = guardConditions(parts.place, parts.conditions)
  }

  /** Throws `INVALID_OPTION` for a fault that there is not, and for one of requests that nothing answers. */
  add(fault: Fault): void {
    const { place, fields, needed, routes } = this.#parts
    assertKnownFault<Fault['kind']>(place, fault, ['on', 'times'], fields, needed)
    assertFaultTarget(place, fault, routes)
    this.#faults.push({ fault, left: fault.times ?? 1 })
  }

  /** Sets conditions by name, all or none. Throws `INVALID_OPTION` for one that there is not. */
  impose(conditions: Readonly<Record<string, unknown>>): void {
    assertConditions(this.#parts.place, this.conditions, conditions)
    Object.assign(this.conditions, conditions)
  }

  clear(): void {
    this.#faults = []
  }

  /** The first fault that fits, counted down. */
  take(method: string, path: string): Fault | undefined {
    const request = `${method} ${path}`
    const found = this.#faults.find(
      ({ fault: { on } }) => on === undefined || request.startsWith(on) || path.startsWith(on) || method === on,
    )
    if (found === undefined) return undefined
    found.left -= 1
    if (found.left <= 0) this.#faults = this.#faults.filter((one) => one !== found)
    return found.fault
  }
}
