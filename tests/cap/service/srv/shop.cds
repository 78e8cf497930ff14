using { press } from '../db/press';

service Shop @(path: '/shop') {
  entity Genres  as projection on press.Genres;
  entity Authors as projection on press.Authors;

  @cds.search: { title }
  entity Books as projection on press.Books actions {
    action   restock(copies : Integer @mandatory) returns Books;
    action   withdraw();
    function priceTimes(factor : Decimal(9, 2))   returns Decimal(18, 4);
    function inSameGenre()                        returns array of Books;
  };

  entity Orders as projection on press.Orders actions {
    action cancel(reason : String) returns { state : String; lines : Integer; };
  };

  action   applyDiscount(genre : Integer, percent : Decimal(5, 2)) returns Integer;
  function cheapest(count : Integer)              returns array of Books;
  function longest()                              returns Books;
  function booksOf(author : Integer, before : Date) returns Integer;
}

annotate Shop.Orders with { revision @odata.etag };
annotate Shop.Books with @Capabilities.SearchRestrictions.Searchable
  @Aggregation.ApplySupported.Transformations: [ 'filter', 'groupby', 'aggregate' ];
