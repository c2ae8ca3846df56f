import { messageOf } from '@tradeswarm/core'
import type { FakeHostParts } from '../shared/fake-http-host.js'
import { type AccountRouteParts, answerAccount } from './account-routes.js'
import type { AlgoDesk } from './algo-desk.js'
import { answerAlgo } from './algo-routes.js'
import { failed } from './envelope.js'
import { answerMarket, type MarketRouteParts } from './market-routes.js'
import { answerTrade, type TradeRouteParts } from './trade-routes.js'

export type RestParts = MarketRouteParts &
  Omit<AccountRouteParts, 'market'> &
  TradeRouteParts & { readonly algos: AlgoDesk }

/** Answers requests of the API; undefined for a path that is none. */
export function restRoutes(parts: RestParts): FakeHostParts['answer'] {
  return async (request, headers) => {
    const { method, path, query } = request
    try {
      const found = method === 'GET' ? answerMarket(path, query, parts) : undefined
      return (
        found ??
        answerAccount(request, parts) ??
        answerAlgo(request, parts.algos) ??
        (await answerTrade(request, headers, parts))
      )
    } catch (thrown) {
      // A fault of the fake's own is an answer, too: nobody would wait for one that never comes.
      return failed('50026', `System error. Try again later (the fake itself failed: ${messageOf(thrown)})`)
    }
  }
}
