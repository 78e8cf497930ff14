// A small publisher: a tree, a master with details, a composition, and a value of every common type.
namespace press;

using { cuid, managed } from '@sap/cds/common';

type Format : String(10) enum { hardcover; paperback; ebook; }

type Address {
  street : String(60);
  city   : String(40);
  zip    : String(10);
}

entity Genres {
  key ID       : Integer;
      name     : localized String(60);
      parent   : Association to Genres;
      children : Association to many Genres on children.parent = $self;
      books    : Association to many Books on books.genre = $self;
}

entity Authors {
  key ID      : Integer;
      name    : String(60) @mandatory;
      born    : Date;
      home    : Address;
      books   : Association to many Books on books.author = $self;
}

entity Books : managed {
  key ID        : Integer;
      title     : localized String(100);
      format    : Format @assert.range;
      pages     : Integer @assert.range: [ 0, 20000 ];
      sold      : Int64;
      price     : Decimal(18, 4);
      rating    : Double;
      inPrint   : Boolean;
      published : Date;
      approved  : Timestamp;
      reviewed  : DateTime;
      opensAt   : Time;
      isbn      : UUID;
      tags      : array of String(30);
      links     : many { kind : String(10); url : String(200); };
      cover     : LargeBinary @Core.MediaType: coverType;
      coverType : String(60) @Core.IsMediaType;
      author    : Association to Authors;
      genre     : Association to Genres;
}

entity Orders : cuid {
  revision : Timestamp @cds.on.insert: $now @cds.on.update: $now;
  number   : Integer;
  buyer    : String(60);
  note     : String(200);
  placed   : DateTime;
  total    : Decimal(12, 2);
  items    : Composition of many {
    key line     : Integer;
        book     : Association to Books;
        quantity : Integer @assert.range: [ 1, 1000 ];
        amount   : Decimal(12, 2);
  };
}
