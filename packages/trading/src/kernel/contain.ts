import { messageOf, SwarmError } from '@tradeswarm/core'
import { alert, type KernelRuntime } from './kernel-runtime.js'

/**
 * Does what is due of one order or one symbol. What that throws is told, once until it goes well again, and keeps nobody else from what is
 * due of them. Never throws; a promise only where the work makes one.
 */
export function contain(
  runtime: KernelRuntime,
  what: string,
  symbol: string | undefined,
  work: () => Promise<unknown> | unknown,
): Promise<void> | undefined {
  const succeeded = (): void => {
    if (runtime.toldFaults.size > 0) runtime.toldFaults.delete(what)
  }
  const failed = (thrown: unknown): void => tellFault(runtime, what, symbol, thrown)
  try {
    const pending = work()
    if (pending instanceof Promise) return pending.then(succeeded, failed)
    succeeded()
  } catch (thrown) {
    failed(thrown)
  }
  return undefined
}

function tellFault(runtime: KernelRuntime, what: string, symbol: string | undefined, thrown: unknown): void {
  const code = SwarmError.isInstance(thrown) ? `${thrown.code}: ` : ''
  const message = `${what}: ${code}${messageOf(thrown)}; all else goes on`
  if (runtime.toldFaults.get(what) === message) return
  runtime.toldFaults.set(what, message)
  alert(runtime, 'WORK_FAILED', message, symbol)
}
