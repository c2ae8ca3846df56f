import { expect, test } from 'vitest'
import { createSigner } from './sign.js'

/** Made with two other implementations, which agree. */
test.each([
  [
    '22582BD0CFF14C41EDBF1AB98506286D',
    '2020-12-08T09:08:57.715ZGET/api/v5/account/balance?ccy=BTC',
    'HiZhvSfMtWJA3uUIVXV3a/bSXNPCWvYFXoGCVS8V4zY=',
  ],
  [
    '22582BD0CFF14C41EDBF1AB98506286D',
    '2024-01-02T03:04:05.678ZPOST/api/v5/trade/order{"instId":"BTC-USDT","tdMode":"cash","clOrdId":"b15","side":"buy","ordType":"limit","px":"2.15","sz":"2"}',
    'weUTUtPg5Fvt8nmSKw2/Tb7jVrMKgFY5rJO4qoZvpl4=',
  ],
  [
    '22582BD0CFF14C41EDBF1AB98506286D',
    '1704876947GET/users/self/verify',
    '5/36BgGV6m/6pmdc20zdqk0mzF5ZalmzzPD2fo3wavU=',
  ],
  [
    'chNOOS4KvNXR_Xq4k4c9qsfoKWvnDecLATCRlcBwyKDYnWgO',
    '2020-12-08T09:08:57.715ZGET/api/v5/account/balance',
    'PJ61e1nb2F2Qd7D8SPiaIcx2gjdELc+o0ygzre9z33k=',
  ],
])('signs as the venue checks it', async (secret, text, signature) => {
  expect(await createSigner(secret)(text)).toBe(signature)
})
