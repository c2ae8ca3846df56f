import type { EpochMs } from '@tradeswarm/core'
import type { InstrumentMarket } from './okx-market.js'

export type FundingParts = {
  readonly fundingIntervalMs: number
  readonly fundingRates: Readonly<Record<string, string>>
  readonly now: () => EpochMs
}

/** The funding of a swap that falls due next, as the API and its channel tell it: at the rate of the options, else the last. */
export function fundingJson(
  { listing, funding }: InstrumentMarket,
  { fundingIntervalMs, fundingRates, now }: FundingParts,
): Record<string, string> {
  const { instId, instType } = listing
  const due = (Math.floor(now() / fundingIntervalMs) + 1) * fundingIntervalMs
  return {
    formulaType: 'noRate',
    fundingRate: fundingRates[instId] ?? funding?.rate ?? '0',
    fundingTime: String(due),
    impactValue: '',
    instId,
    instType,
    interestRate: '',
    maxFundingRate: '0.00375',
    method: 'current_period',
    minFundingRate: '-0.00375',
    nextFundingRate: '',
    nextFundingTime: String(due + fundingIntervalMs),
    premium: '0',
    settFundingRate: funding?.rate ?? '',
    settState: 'settled',
    ts: String(now()),
  }
}
