import type { SimulatedAdapter } from './session-broker.js'
import { createSimulatedVenue } from './simulated-venue.js'
import type { VenueEnd, VenueStage } from './venue-end.js'
import { openVenueSession } from './venue-session.js'

/** The simulator's own venue, with an adapter on sessions with it. */
export function openOwnVenue(stage: VenueStage, adapter: SimulatedAdapter): VenueEnd {
  const { rules, instruments, time, cover } = stage
  const venue = createSimulatedVenue({ ...stage, now: time.now, at: (at, act) => time.at(at, act) })
  return {
    venue,
    look: () => undefined,
    link({ account, random, clock, conditions, alive, onSent, onCancelSent, onBalances }) {
      const { session, hear, hearMovement, restored } = openVenueSession({
        time,
        random,
        venue,
        rules,
        instruments,
        conditions,
        clientNow: clock.now,
        alive,
        onSent,
        onCancelSent,
        onBalances,
        cover,
      })
      return {
        mode: 'demo',
        open: async (context) => adapter(session, context, account),
        hear,
        hearMovement,
        restored,
        end: () => undefined,
      }
    },
  }
}
