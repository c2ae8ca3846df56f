/*
 * The plan of the fake of OKX (API v5). One port on the loopback interface: REST under /api/v5/, WebSockets under /ws/v5/{public,private,business};
 * query parameters of a WebSocket's path are ignored.
 *
 * REST, public: public/time, public/instruments, public/funding-rate, public/funding-rate-history, public/mark-price, public/price-limit,
 * system/status, market/ticker, market/tickers, market/books, market/candles, market/history-candles, market/trades, market/history-trades.
 * REST, signed: account/instruments, account/config, account/balance, account/positions, account/bills, account/bills-archive,
 * account/trade-fee, account/leverage-info, account/set-leverage, account/set-position-mode, account/max-size, account/max-avail-size,
 * asset/balances; trade/order (GET, POST), batch-orders, cancel-order, cancel-batch-orders, amend-order, amend-batch-orders, close-position,
 * orders-pending, orders-history, orders-history-archive, fills, fills-history, cancel-all-after, order-algo (GET, POST), cancel-algos,
 * amend-algos, orders-algo-pending, orders-algo-history, account-rate-limit.
 *
 * Channels. public: instruments, tickers, trades, books, books5, bbo-tbt, funding-rate, mark-price. private: orders, account, positions,
 * balance_and_position, and the operations order, batch-orders, cancel-order, batch-cancel-orders, amend-order, batch-amend-orders.
 * business: candle*, trades-all, orders-algo, algo-advance.
 *
 * The process is driven over HTTP as that of Alpaca is: POST /fake/market, /fake/book, /fake/faults, /fake/conditions; GET /fake/orders.
 */
