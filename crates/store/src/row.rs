//! From the columns of a row to a Rust value.

use crate::{Json, Result, Value};
use rusqlite::types::FromSql;
use tokio_postgres::types::FromSqlOwned;

/// One row of an answer, whichever database gave it.
pub enum Columns<'a> {
    /// A row `SQLite` is standing on.
    Sqlite(&'a rusqlite::Row<'a>),
    /// A row `PostgreSQL` has sent.
    Postgres(&'a tokio_postgres::Row),
}

impl Columns<'_> {
    /// The column at `index`, counted from zero.
    ///
    /// # Errors
    /// [`crate::Error::Query`] when there is no such column or its type is another.
    pub fn get<T: FromSql + FromSqlOwned>(&self, index: usize) -> Result<T> {
        match self {
            Self::Sqlite(row) => Ok(row.get(index)?),
            Self::Postgres(row) => Ok(row.try_get(index)?),
        }
    }

    /// How many columns the row has.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Sqlite(row) => row.as_ref().column_count(),
            Self::Postgres(row) => row.len(),
        }
    }
}

/// What a query can fill, column by column, in order.
pub trait Row: Sized {
    /// Reads one row.
    ///
    /// # Errors
    /// [`crate::Error::Query`] when a column has another type than expected.
    fn read(columns: &Columns<'_>) -> Result<Self>;
}

macro_rules! one_column {
    ($($t:ty),*) => {$(
        impl Row for $t {
            fn read(columns: &Columns<'_>) -> Result<Self> {
                columns.get(0)
            }
        }
    )*};
}

one_column!(bool, i64, f64, String, Json, Value, Option<bool>, Option<i64>, Option<f64>, Option<String>, Option<Json>);

macro_rules! many_columns {
    ($($t:ident $i:tt),*) => {
        impl<$($t: FromSql + FromSqlOwned),*> Row for ($($t,)*) {
            fn read(columns: &Columns<'_>) -> Result<Self> {
                Ok(($(columns.get::<$t>($i)?,)*))
            }
        }
    };
}

many_columns!(A 0);
many_columns!(A 0, B 1);
many_columns!(A 0, B 1, C 2);
many_columns!(A 0, B 1, C 2, D 3);
many_columns!(A 0, B 1, C 2, D 3, E 4);
many_columns!(A 0, B 1, C 2, D 3, E 4, F 5);
many_columns!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
many_columns!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
many_columns!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
many_columns!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);

/// Every column, for questions whose columns are only known at run time.
impl Row for Vec<Value> {
    fn read(columns: &Columns<'_>) -> Result<Self> {
        (0..columns.count()).map(|index| columns.get(index)).collect()
    }
}
