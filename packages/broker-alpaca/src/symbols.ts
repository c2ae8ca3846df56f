/** Alpaca writes crypto pairs with a slash, we with a dash: `BTC/USD` is `BTC-USD`. */
export function fromVenueSymbol(symbol: string): string {
  return symbol.replace('/', '-')
}

/** {@link fromVenueSymbol}, the other way. Symbols of equities have no dash: `BRK.B`. */
export function toVenueSymbol(symbol: string): string {
  return symbol.replace('-', '/')
}
