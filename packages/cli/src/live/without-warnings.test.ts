import { expect, test } from 'vitest'
import { createWarnings } from '../output/warnings.js'
import { missingBar, noPriceYet, withoutWarnings } from './without-warnings.js'

test('warnings of these codes are left out, also by children, and no others', () => {
  const { logger, lines } = createWarnings()
  const quiet = withoutWarnings(logger, [missingBar, noPriceYet])
  for (const one of [quiet, quiet.child({ service: 'feed' })]) {
    one.warn('no bar', { code: missingBar })
    one.warn('no price', { code: noPriceYet })
    one.error('an alert', { code: noPriceYet })
  }
  quiet.warn('something else', { code: 'OTHER' })
  quiet.warn('and without a code')
  expect(lines()).toEqual([
    'warning: an alert (code NO_PRICE_YET)',
    'warning: an alert (service feed, code NO_PRICE_YET)',
    'warning: something else (code OTHER)',
    'warning: and without a code',
  ])
})
