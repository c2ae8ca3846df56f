import { bundledTape, loadTape, type Tape } from '@tradeswarm/backtest'
import { venueNamed } from '../venues/venues.js'

/** Which tape to play, and which part of it. */
export type TapeChoice = {
  /** Where it is played. */
  readonly broker: string
  /** Absolute path; absent for the bundled one. */
  readonly tape?: string
  readonly from?: string
  readonly to?: string
  readonly seed: number
  readonly lenient: boolean
}

/** So many sessions play where nobody says until when. */
const defaultSessions = 200

/** The tape of a live-shaped run, as its venue would have it: where no end is given, its first 200 sessions. */
export async function chosenTape(choice: TapeChoice): Promise<Tape> {
  return venueNamed(choice.broker).tapeThere(await loadChosen(choice))
}

async function loadChosen({ tape, from, to, seed, lenient }: Omit<TapeChoice, 'broker'>): Promise<Tape> {
  const load = (until: string | undefined): Promise<Tape> => {
    const window = { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { to: until }) }
    return tape === undefined ? bundledTape({ seed, ...window }) : loadTape(tape, { lenient, ...window })
  }
  const whole = await load(to)
  if (to !== undefined) return whole
  const dates = [...new Set(whole.bars.filter(({ date }) => date >= whole.tradeFrom).map(({ date }) => date))].sort()
  return dates.length <= defaultSessions ? whole : load(dates[defaultSessions - 1])
}
