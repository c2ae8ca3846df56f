import { expect, test } from 'vitest'
import { mergedExitPlan } from './merged-exit-plan.js'

const plan = (stopPrice: string, targetPrice: string, maximumSessions: number) => ({
  stopPrice,
  targetPrice,
  maximumSessions,
})

test('a further entry may tighten the stop of a position and never loosens it', () => {
  expect(mergedExitPlan('long', plan('95', '110', 5), plan('97', '112', 9))).toEqual(plan('97', '112', 5))
  expect(mergedExitPlan('long', plan('95', '110', 5), plan('90', '108', 2))).toEqual(plan('95', '108', 2))
  expect(mergedExitPlan('short', plan('105', '90', 5), plan('103', '91', 5))).toEqual(plan('103', '91', 5))
  expect(mergedExitPlan('short', plan('105', '90', 5), plan('109', '91', 5))).toEqual(plan('105', '91', 5))
})

test('one plan is enough', () => {
  expect(mergedExitPlan('long', undefined, plan('95', '110', 5))).toEqual(plan('95', '110', 5))
  expect(mergedExitPlan('long', plan('95', '110', 5), undefined)).toEqual(plan('95', '110', 5))
})
