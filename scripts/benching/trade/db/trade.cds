// Orders as `scripts/bench peers` asks for them: to-one, to-many, and to-one below; keys that every contestant can say.
namespace trade;

entity Customers {
  key ID     : Integer;
      number : String(20);
      name   : String(60);
      city   : String(40);
}

entity Items {
  key ID     : Integer;
      number : String(20);
      name   : String(60);
      price  : Decimal(12, 2);
}

entity Orders {
  key ID       : Integer;
      number   : String(20);
      ordered  : Date;
      buyer    : String(60);
      currency : String(3);
      net      : Decimal(12, 2);
      tax      : Decimal(12, 2);
      gross    : Decimal(12, 2);
      shipped  : Boolean;
      changed  : Timestamp;
      customer : Association to Customers;
      lines    : Association to many Lines on lines.order = $self;
}

// Unique also makes the index by which an order's lines are found.
@assert.unique.place: [ order, sequence ]
entity Lines {
  key ID          : Integer;
      sequence    : Integer;
      description : String(60);
      quantity    : Decimal(12, 2);
      price       : Decimal(12, 2);
      amount      : Decimal(12, 2);
      order       : Association to Orders;
      item        : Association to Items;
}
