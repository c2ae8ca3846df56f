// What `npm run simulate -- --subject` is tested with: an adapter that sends an order once more whenever it fails.
import { createSessionBroker } from '@tradeswarm/testing'

export const subject = {
  adapter: (session, context, account) => ({
    ...createSessionBroker(session, context, account),
    async place(order) {
      context.guard.consume(order)
      await session.place(order.request).catch(() => session.place(order.request))
    },
  }),
}
