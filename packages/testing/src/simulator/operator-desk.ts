import type { KernelLife } from './kernel-life.js'
import type { OperatorCall } from './observation.js'
import type { SimulatedWorld } from './simulated-world.js'

/** The operator of every simulation, by name and reason. */
export const simulatedOperator = { operator: 'Ada', reason: 'simulated' } as const

/** An act of an operator: begun when it is called, done when it is answered, if the life lasts as long. */
export function callOperator(
  { observe }: Pick<SimulatedWorld, 'observe'>,
  life: KernelLife,
  what: OperatorCall,
  act: () => Promise<unknown>,
): void {
  observe({ type: 'call begun', life, call: what })
  const tellEnd = (failed: boolean): void => {
    if (!life.ended) observe({ type: 'call done', life, call: what, failed })
  }
  act().then(
    () => tellEnd(false),
    () => tellEnd(true),
  )
}
