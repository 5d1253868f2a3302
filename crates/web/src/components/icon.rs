//! Icons from the sprite. They are decoration: the words stand beside them or in a label.

use mainstay_markup::html;
use maud::Markup;

use crate::assets;

/// An icon of 16 pixels.
///
/// The name is one of `assets/icons.txt`; a debug build panics at another.
#[must_use]
pub fn icon(name: &str) -> Markup {
    sized(name, "icon")
}

/// An icon of 14 pixels, for chips and lines of small text.
#[must_use]
pub fn icon_small(name: &str) -> Markup {
    sized(name, "icon icon-s")
}

/// An icon of 20 pixels, for tiles and banners.
#[must_use]
pub fn icon_large(name: &str) -> Markup {
    sized(name, "icon icon-l")
}

/// An arrow that points the other way where people read from right to left.
#[must_use]
pub fn icon_turning(name: &str) -> Markup {
    sized(name, "icon icon-turns")
}

/// An icon within a drawing, so many units wide. A name that the sprite lacks draws nothing.
#[must_use]
pub fn icon_drawn(name: &str, width: u32) -> Markup {
    html! { svg width=(width) height=(width) aria-hidden="true" { use href={ (assets::sprite_of(name)) "#" (name) } {} } }
}

fn sized(name: &str, class: &str) -> Markup {
    debug_assert!(assets::has_icon(name), "assets/icons.txt lacks the icon {name:?}");
    html! { svg class=(class) aria-hidden="true" { use href={ (assets::sprite_of(name)) "#" (name) } {} } }
}

/// The product's mark.
#[must_use]
pub fn mark() -> Markup {
    html! {
        svg .mark viewBox="0 0 24 24" aria-hidden="true" {
            rect .mark-plate width="24" height="24" rx="7" {}
            path .mark-lines d="M7 8.2h10M7 12h6.5M7 15.8h8.5" {}
        }
    }
}
