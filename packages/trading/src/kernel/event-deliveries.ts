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
  const failed = (event: KernelEvent, thrown: unknown): void =>
    logger.error('a kernel listener failed', { event: event.type, error: messageOf(thrown) })
  const track = (event: KernelEvent, delivery: Promise<void>): void => {
    const tracked = delivery.catch((thrown: unknown) => failed(event, thrown)).finally(() => deliveries.delete(tracked))
    deliveries.add(tracked)
  }
  const deliverTo = (listener: KernelListener, event: KernelEvent): void => {
    try {
      const delivery = listener(event)
      if (delivery !== undefined) track(event, delivery)
    } catch (thrown) {
      failed(event, thrown)
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
