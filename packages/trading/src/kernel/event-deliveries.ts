import { type Logger, messageOf } from '@tradeswarm/core'
import type { KernelEvent } from './kernel.js'

export type KernelListener = (event: KernelEvent) => void | Promise<void>

/** Tells listeners what the kernel did. One that fails or hangs holds up neither the kernel nor the others. */
export type EventDeliveries = {
  subscribe(listener: KernelListener): () => void
  deliver(event: KernelEvent): void
  /** How many listeners have not come to an end yet. */
  pending(): number
  settled(): Promise<unknown>
}

export function createEventDeliveries(logger: Logger): EventDeliveries {
  const listeners = new Set<KernelListener>()
  const deliveries = new Set<Promise<void>>()
  const deliverTo = (listener: KernelListener, event: KernelEvent): void => {
    const failed = (thrown: unknown): void =>
      logger.error('a kernel listener failed', { event: event.type, error: messageOf(thrown) })
    try {
      const delivery = listener(event)
      if (delivery === undefined) return
      const tracked = delivery.catch(failed).finally(() => deliveries.delete(tracked))
      deliveries.add(tracked)
    } catch (thrown) {
      failed(thrown)
    }
  }
  return {
    subscribe(listener) {
      const subscription: KernelListener = (event) => listener(event)
      listeners.add(subscription)
      return () => {
        listeners.delete(subscription)
      }
    },
    deliver(event) {
      for (const listener of listeners) deliverTo(listener, event)
    },
    pending: () => deliveries.size,
    settled: () => Promise.all(deliveries),
  }
}
