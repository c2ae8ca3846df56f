import type { Execution } from './broker.js'
import type { OrderState } from './order-state.js'

/**
 * An order keeps so many executions in one list; from there on they lie in buckets, so that one more costs no copy of all. Lists, not records
 * by trade id: an id that is a key becomes the name of a property, and that costs more than all else that is done with it.
 */
const flatLimit = 32
const buckets = 64

type Books = Pick<OrderState, 'executions' | 'executionBuckets'>
type WritableBooks = { -readonly [Key in keyof Books]: Books[Key] }

/** No execution, the same list for all orders. */
export const noExecutions: readonly Execution[] = Object.freeze([])

/** An execution as the venue first told it. */
export function toldExecution({ executions, executionBuckets }: Books, tradeId: string): Execution | undefined {
  const list = executionBuckets === undefined ? executions : (executionBuckets[bucketOf(tradeId)] ?? noExecutions)
  for (const execution of list) if (execution.tradeId === tradeId) return execution
  return undefined
}

/** All executions of an order as the venue first told them, by trade id. */
export function toldExecutions({ executions, executionBuckets }: Books): Readonly<Record<string, Execution>> {
  const lists = executionBuckets === undefined ? [executions] : Object.values(executionBuckets)
  return Object.fromEntries(lists.flat().map((execution) => [execution.tradeId, execution]))
}

/** Puts an execution in the place of another of its trade id, or among the others. Where it lies follows from all their trade ids alone. */
export function putExecution(draft: WritableBooks, execution: Execution): void {
  const { tradeId } = execution
  if (draft.executionBuckets !== undefined) {
    const key = bucketOf(tradeId)
    draft.executionBuckets = {
      ...draft.executionBuckets,
      [key]: withExecution(draft.executionBuckets[key] ?? noExecutions, execution),
    }
    return
  }
  draft.executions = withExecution(draft.executions, execution)
  if (draft.executions.length <= flatLimit) return
  const filled: Record<number, Execution[]> = {}
  for (const each of draft.executions) {
    const key = bucketOf(each.tradeId)
    filled[key] ??= []
    filled[key].push(each)
  }
  draft.executionBuckets = filled
  draft.executions = noExecutions
}

/** In the order of the trade ids, so that it does not depend on which came first. */
function withExecution(list: readonly Execution[], execution: Execution): readonly Execution[] {
  if (list.length === 0) return [execution]
  const { tradeId } = execution
  const others = list.filter((each) => each.tradeId !== tradeId)
  const at = others.findIndex((each) => each.tradeId > tradeId)
  return at < 0 ? [...others, execution] : [...others.slice(0, at), execution, ...others.slice(at)]
}

/** A number that follows from the text, below the number of buckets. */
function bucketOf(tradeId: string): number {
  let hash = 7
  for (let index = 0; index < tradeId.length; index += 1) hash = (hash * 31 + tradeId.charCodeAt(index)) % 1_000_003
  return hash % buckets
}
