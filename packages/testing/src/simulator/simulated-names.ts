/** The account of every simulation, its currency, and the secret that resets the kill switch. */
export const simulatedAccount = 'simulated'
export const simulatedCurrency = 'USD'
export const simulatedSecret = 'open sesame'
/** The secret that flattening and freezing ask for, where they do. */
export const simulatedEmergencySecret = 'break glass'

/** The strategy that an agent acts for. */
export function simulatedStrategy(agent: number): string {
  return agent % 2 === 1 ? 'simulated' : 'momentum'
}

/** The venue of every simulation, as the kernel is told. */
export const simulatedVenueName = 'simulated'
