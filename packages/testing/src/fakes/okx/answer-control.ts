import { SwarmError } from '@tradeswarm/core'
import type { MarketEvent } from '@tradeswarm/trading'
import type { FakeRequest } from '../shared/fake-http-host.js'
import type { FakeAnswer } from '../shared/http-fault.js'
import type { FakeOkx } from './fake-okx.js'
import type { FakeOkxFault, OkxFaultBoard } from './fault-board.js'
import type { PlainLevel } from './okx-book.js'

/** Answers what drives a venue in a process of its own; undefined for a path that is none. */
export async function answerControl(
  { path, method, body }: FakeRequest,
  fake: FakeOkx,
  faults: OkxFaultBoard,
): Promise<FakeAnswer | undefined> {
  if (method !== 'POST') return path === '/fake/orders' ? { status: 200, json: fake.orders() } : undefined
  try {
    if (path === '/fake/market') await fake.market.emit(body as unknown as MarketEvent)
    else if (path === '/fake/book') {
      const { instId, bids, asks } = body as unknown as { instId: string; bids: PlainLevel[]; asks: PlainLevel[] }
      await fake.book(instId, bids, asks)
    } else if (path === '/fake/faults') fake.fail(body as unknown as FakeOkxFault)
    else if (path === '/fake/conditions') faults.impose(body)
    else return undefined
  } catch (error) {
    if (!SwarmError.isInstance(error, 'INVALID_OPTION')) throw error
    return { status: 422, json: { message: error.message } }
  }
  return { status: 204 }
}
