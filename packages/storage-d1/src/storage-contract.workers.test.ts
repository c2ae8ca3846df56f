import { storageContract } from '@tradeswarm/testing'
import { createD1Storage } from './create-d1-storage.js'
import { takePlace } from './testing-support/test-place.test-support.js'

storageContract('D1 and R2 in workerd', {
  durable: true,
  async create() {
    const { options, release } = takePlace()
    const define = () => createD1Storage(options)
    return { definition: define(), redefine: define, cleanup: release }
  },
})
