"""Three queries to paste, printed when the demo has started."""

from __future__ import annotations

__all__ = ["QUERIES"]

QUERIES: tuple[tuple[str, str], ...] = (
    (
        "100 sales orders with their customer, lines, and each line's item (Business Central)",
        """\
{
  bcSalesOrders(first: 100) {
    nodes {
      number
      orderDate
      customer { number displayName }
      salesOrderLines { nodes { sequence description quantity item { number displayName } } }
    }
  }
}""",
    ),
    (
        "the same in finance and operations",
        """\
{
  foSalesOrderHeadersV2(first: 100) {
    nodes {
      salesOrderNumber
      orderingCustomer { customerAccount organizationName }
      salesOrderLines {
        nodes { lineNumber orderedSalesQuantity releasedProduct { itemNumber productName } }
      }
    }
  }
}""",
    ),
    (
        "across both: an order of finance and operations, and its customer as Business Central knows it",
        """\
{
  foSalesOrderHeadersV2(first: 10) {
    nodes {
      salesOrderNumber
      invoiceCustomerAccountNumber
      bcCustomer { number displayName balanceDue }
    }
  }
}""",
    ),
)
