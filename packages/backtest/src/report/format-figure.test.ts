import { expect, test } from 'vitest'
import {
  amountText,
  durationText,
  moneyText,
  numberText,
  percentText,
  signedMoneyText,
  signedPercentText,
} from './format-figure.js'

test('what does not apply is n/a, never 0', () => {
  expect([null, undefined, Number.NaN, Number.POSITIVE_INFINITY].map((value) => numberText(value, 2))).toEqual(
    Array(4).fill('n/a'),
  )
  expect([percentText(null), signedPercentText(undefined), moneyText(undefined, 'USD'), durationText(null)]).toEqual(
    Array(4).fill('n/a'),
  )
})

test('numbers have thousands apart and a true minus, and there is no negative zero', () => {
  expect([numberText(1234567.891, 2), numberText(-999, 0), numberText(-1000, 0), numberText(-0.001, 2)]).toEqual([
    '1,234,567.89',
    '−999',
    '−1,000',
    '0.00',
  ])
  expect([
    signedPercentText(0.0123),
    signedPercentText(-0.5),
    signedPercentText(0),
    signedPercentText(0.000001),
  ]).toEqual(['+1.23%', '−50.00%', '0.00%', '0.00%'])
})

test('money is rounded from the exact amount, half to even', () => {
  expect([moneyText('0.125', 'USD'), moneyText('0.135', 'USD'), moneyText('-12345678901234567.005', 'USD')]).toEqual([
    '$0.12',
    '$0.14',
    '−$12,345,678,901,234,567.00',
  ])
  expect([moneyText('1234.5', 'EUR'), signedMoneyText('2', 'USD'), signedMoneyText('-0.001', 'USD')]).toEqual([
    '1,234.50 EUR',
    '+$2.00',
    '$0.00',
  ])
})

test('an amount keeps its digits', () => {
  expect([amountText('1234.567890'), amountText('-0.5'), amountText('1846.99')]).toEqual([
    '1,234.567890',
    '−0.5',
    '1,846.99',
  ])
})

test('durations are told in hours, then in days', () => {
  expect([durationText(3_600_000), durationText(10 * 86_400_000)]).toEqual(['1.0 hours', '10.0 days'])
})
