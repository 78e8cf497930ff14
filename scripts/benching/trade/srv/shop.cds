using { trade } from '../db/trade';

service Shop @(path: '/shop') {
  entity Customers as projection on trade.Customers;
  entity Items     as projection on trade.Items;
  entity Orders    as projection on trade.Orders;
  entity Lines     as projection on trade.Lines;
}

annotate Shop with @cds.query.limit: 1000;
